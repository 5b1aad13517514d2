#pragma once
// Flows and TCP connections on one bottleneck, in virtual time, and what happened to them:
//
//   flow 0 ──┐                              ┌── 50 ms ──▶ receiver 0
//   flow 1 ──┼──▶ forward bottleneck ──▶ ───┼── 10 ms ──▶ receiver 1
//   TCP    ──┘                              └── 50 ms ──▶ receiver
//        ◀──────────── backward bottleneck ◀── feedback, and the media of flows that are reversed

#include <cstdint>
#include <map>
#include <vector>

#include "tests/sim/quality/bottleneck.hpp"
#include "tests/sim/quality/flow.hpp"
#include "tests/sim/quality/tcp.hpp"

namespace parley::quality {

struct ExperimentSettings {
  Duration duration = seconds(100);
  BottleneckSettings forward{};
  BottleneckSettings backward{};
  std::vector<FlowSettings> flows{};
  std::vector<TcpSettings> tcps{};
};

/// One flow in one interval of 100 ms.
struct Sample {
  std::uint64_t capacity = 0;  ///< of its bottleneck, bits per second as everything here
  std::uint64_t estimate = 0;
  std::uint64_t sent = 0;
  std::uint64_t arrived = 0;
  Duration queue_delay{};  ///< the longest of a packet that arrived
  std::size_t layer = 0;
  std::uint32_t packets_sent = 0;
  std::uint32_t packets_arrived = 0;
};

struct FlowRecord {
  std::vector<Sample> samples;
  std::vector<Duration> queue_delays;  ///< of each packet that arrived
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_arrived = 0;
};

class Experiment {
 public:
  static constexpr Duration interval = milliseconds(100);

  Experiment(const ExperimentSettings& settings, std::uint64_t seed);
  void run();

  const std::vector<FlowRecord>& flows() const { return records_; }
  /// Bits that arrived of all TCP connections in each interval.
  const std::vector<std::uint64_t>& tcp_arrived() const { return tcp_arrived_; }

 private:
  Time next_event() const;
  void step();
  void advance_ends();
  void deliver(const Packet& packet);
  void deliver_media(Flow& flow, FlowRecord& record, const Packet& packet);
  void sample();
  bool is_flow(std::uint8_t index) const { return index < flows_.size(); }
  Duration one_way(std::uint8_t index) const;

  ExperimentSettings settings_;
  Time begin_;
  Time now_;
  Bottleneck forward_;
  Bottleneck backward_;
  std::vector<Flow> flows_;
  std::vector<Tcp> tcps_;
  /// Behind the bottleneck: when it arrives, and in which order.
  std::map<std::pair<Time, std::uint64_t>, Packet> on_the_way_;
  std::uint64_t order_ = 0;
  std::vector<Packet> scratch_;

  std::vector<FlowRecord> records_;
  std::vector<Sample> open_;
  std::vector<std::uint64_t> tcp_arrived_;
  std::uint64_t tcp_open_ = 0;
  Time next_sample_;
};

}  // namespace parley::quality
