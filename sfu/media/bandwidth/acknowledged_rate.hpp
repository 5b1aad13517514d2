#pragma once
// The acknowledged bitrate: how fast what was sent arrived, by the receiver's clock. While the bottleneck is full, this is its
// capacity, as far as it is ours.

#include <cstdint>
#include <optional>

#include "sfu/media/bandwidth/rate_window.hpp"
#include "sfu/media/bandwidth/sent_packets.hpp"

namespace parley::media::bandwidth {

class AcknowledgedRate {
 public:
  /// Long enough that frames do not make it tremble.
  static constexpr Duration window = milliseconds(500);
  /// Short enough to show a capacity that fell just now.
  static constexpr Duration short_window = milliseconds(200);
  static constexpr Duration burst_window = milliseconds(240);
  static constexpr Duration burst = milliseconds(100);

  void add(const PacketResult& result) {
    if (result.fate == PacketResult::Fate::lost) return;
    // A packet whose report was lost has arrived for all that is known; the time of its neighbour is good enough.
    if (result.fate == PacketResult::Fate::received) newest_ = result.arrival;
    if (newest_) arrived_.add(*newest_, result.bytes);
  }

  std::optional<std::uint64_t> rate() const { return arrived_.rate(window); }
  /// Of the last moments only: what the bottleneck carries, when it is known to be full.
  std::optional<std::uint64_t> latest_rate() const { return arrived_.rate(short_window); }
  /// The same, when little was sent until now: then the bottleneck was full for a moment only.
  std::optional<std::uint64_t> burst_rate() const { return arrived_.peak_rate(burst_window, burst); }
  void reset() { *this = {}; }

 private:
  RateWindow arrived_;
  std::optional<Duration> newest_;
};

}  // namespace parley::media::bandwidth
