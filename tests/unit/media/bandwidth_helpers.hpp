#pragma once
// A receiver for the tests of bandwidth estimation: it notes what was sent and makes feedback messages of it.

#include "sfu/media/bandwidth/estimator.hpp"

namespace parley::media::bandwidth::testing {

/// Any beginning that is not zero.
inline constexpr Time begin{seconds(100)};

inline rtp::TransportFeedback feedback(std::uint16_t base, const std::vector<std::optional<Duration>>& arrivals) {
  rtp::TransportFeedback message;
  message.base_sequence = base;
  message.arrivals = {arrivals.begin(), arrivals.end()};
  return message;
}

/// An estimator and a path of a fixed capacity with an endless queue: packets of 1000 bytes leave at `send_rate`, feedback comes
/// every 100 ms.
struct Path {
  explicit Path(const Estimator::Settings& settings = {}) : estimator(settings) {}

  /// `rate()` is asked before each packet.
  template <typename Rate>
  void run(Duration duration, Rate send_rate) {
    const Time end = now + duration;
    while (now < end) {
      send(1000, {});
      now += nanoseconds(1000 * 8 * 1'000'000'000LL / static_cast<std::int64_t>(send_rate()));
      if (now >= next_feedback) report();
    }
  }

  void send(std::size_t bytes, std::optional<ProbeId> probe) {
    const std::uint16_t sequence = estimator.sent(now, bytes, probe);
    if (arrivals.empty()) base = sequence;
    const bool lose = lose_every > 0 && ++packets % lose_every == 0;
    free_at = std::max(free_at, now) + nanoseconds(bytes * 8 * 1'000'000'000 / capacity);
    arrivals.push_back(lose ? std::nullopt : std::optional((free_at + milliseconds(20)).time_since_epoch()));
  }

  void report() {
    estimator.receive(now + milliseconds(50), feedback(base, std::exchange(arrivals, {})));
    estimator.advance(now + milliseconds(50));
    next_feedback = now + milliseconds(100);
  }

  /// Sends the probe that is due, if any, and waits for its feedback.
  std::optional<Probe> probe() {
    const auto due = estimator.take_probe(now);
    if (!due) return due;
    for (std::size_t bytes = 0; bytes < due->bytes; bytes += 1000) {
      send(1000, due->id);
      now += nanoseconds(1000 * 8 * 1'000'000'000LL / static_cast<std::int64_t>(due->bits_per_second));
    }
    report();
    return due;
  }

  Estimator estimator;
  Time now = begin;
  Time next_feedback = begin + milliseconds(100);
  std::uint64_t capacity = 10'000'000;
  std::uint64_t lose_every = 0;  ///< 0: nothing is lost
  std::uint64_t packets = 0;
  Time free_at{};
  std::uint16_t base = 0;
  std::vector<std::optional<Duration>> arrivals;
};

}  // namespace parley::media::bandwidth::testing
