#pragma once
// One direction of the link that all flows of an experiment share: the project's Link, whose conditions change at given times. Or
// a policer, which has no queue: what exceeds its rate is dropped at once.

#include <cstdint>
#include <optional>
#include <vector>

#include "loadtest/link.hpp"
#include "tests/sim/quality/packet.hpp"

namespace parley::quality {

/// From `at` on, counted from the beginning of the experiment.
struct Step {
  Duration at{};
  std::uint64_t bits_per_second = 0;  ///< 0: as fast as you like
  bool partitioned = false;
};

struct BottleneckSettings {
  std::vector<Step> steps = {Step{}};
  Duration queue = milliseconds(300);  ///< drop-tail, at the rate of the moment
  double loss = 0;
  std::optional<std::size_t> policer{};  ///< bytes in its bucket
};

class Bottleneck {
 public:
  Bottleneck(const BottleneckSettings& settings, Time begin, Random random);

  void receive(Time now, const Packet& packet);
  void advance(Time now, std::vector<Packet>& out);
  Time wakeup() const;

  /// Bits per second at the moment, 0 while partitioned.
  std::uint64_t capacity() const { return step_.partitioned ? 0 : step_.bits_per_second; }

 private:
  bool police(Time now, std::size_t bytes);
  void become(const Step& step);

  BottleneckSettings settings_;
  Time begin_;
  Step step_;
  std::size_t next_step_ = 0;
  loadtest::Link link_;
  DatagramBatch arrived_;
  double tokens_ = 0;
  Time refilled_;
};

}  // namespace parley::quality
