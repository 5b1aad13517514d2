#pragma once
// A flow of media under congestion control: source, pacer and the Estimator under test at one end, the project's feedback
// generator at the other. What travels is given to `out` and comes back through receive_media() and receive_feedback().

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sfu/base/random.hpp"
#include "sfu/media/bandwidth/estimator.hpp"
#include "sfu/media/twcc.hpp"
#include "tests/sim/quality/packet.hpp"
#include "tests/sim/quality/source.hpp"

namespace parley::quality {

struct FlowSettings {
  SourceSettings source{};
  Duration start{};                     ///< all times from the beginning of the experiment
  std::optional<Duration> pause{};      ///< nothing is sent from here
  std::optional<Duration> resume{};     ///< to there
  Duration one_way = milliseconds(50);  ///< besides the bottleneck's queue
  bool reversed = false;                ///< media on the way back, feedback on the way there
  double drift = 0;                     ///< of the receiver's clock: 0.0002 is 200 ppm
  Duration receiver_clock{};            ///< what it shows at the beginning
};

class Flow {
 public:
  static constexpr Duration slot = milliseconds(5);
  static constexpr std::size_t packet_bytes = 1200;

  Flow(const FlowSettings& settings, std::uint8_t index, Time begin, Random random);

  void receive_media(Time now, const Packet& packet);
  void receive_feedback(Time now, const Packet& packet);
  /// What the sender, and then the receiver, has to send.
  void advance_sender(Time now, std::vector<Packet>& out);
  void advance_receiver(Time now, std::vector<Packet>& out);
  Time wakeup() const;

  const FlowSettings& settings() const { return settings_; }
  const media::bandwidth::Estimator& estimator() const { return estimator_; }
  std::size_t layer() const { return source_.layer(); }
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  /// The time that a packet spent in the queue of the bottleneck, if it arrives now.
  Duration queue_delay(Time now, const Packet& packet) const { return now - packet.sent - settings_.one_way; }

 private:
  bool active(Time now) const;
  void take_frame(Time now);
  void send_slot(Time now, std::vector<Packet>& out);
  void send_probe(Time now, std::vector<Packet>& out);
  void send(Time now, std::size_t bytes, std::optional<media::bandwidth::ProbeId> probe, std::vector<Packet>& out);
  std::size_t pop();
  Time receiver_time(Time now) const;
  Time sender_time(Time receiver) const;

  FlowSettings settings_;
  std::uint8_t index_;
  Time begin_;
  Source source_;
  media::bandwidth::Estimator estimator_;
  std::deque<std::size_t> waiting_;  ///< sizes of packets in the pacer
  std::size_t waiting_bytes_ = 0;
  Time next_slot_{};
  double budget_ = 0;  ///< bytes that may leave; negative: the last slot took more than its share
  std::optional<media::bandwidth::Probe> probe_;
  std::size_t probe_sent_ = 0;
  Time probe_next_ = never;
  media::TransportFeedbackGenerator feedback_{Ssrc{1}};
};

}  // namespace parley::quality
