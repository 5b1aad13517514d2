#pragma once
// How many bits a second went by lately: bytes in buckets of 16 ms, a second of them. Constant memory, and an addition for each
// packet.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "sfu/base/time.hpp"

namespace parley::media::bandwidth {

class RateWindow {
 public:
  static constexpr Duration bucket = milliseconds(16);
  /// The longest window that can be asked for.
  static constexpr Duration longest = seconds(1);
  /// Less than this and a rate means nothing.
  static constexpr Duration shortest = milliseconds(100);

  /// `when` is of any one clock, in about ascending order; what is more than a second late is not counted.
  void add(Duration when, std::size_t bytes) {
    const std::int64_t index = when / bucket;
    if (newest_index_ == nothing) {
      begin_ = newest_ = when;
      newest_index_ = index;
    }
    if (index > newest_index_) clear_until(index);
    if (index + count <= newest_index_) return;
    newest_ = std::max(newest_, when);
    at(index) += static_cast<std::uint32_t>(bytes);
  }

  /// Bits per second in the `window` that ends with `end` (or the newest packet, if that is later). Nothing while less than
  /// `shortest` is known.
  std::optional<std::uint64_t> rate(Duration end, Duration window) const {
    if (newest_index_ == nothing) return {};
    end = std::max(end, newest_);
    const std::int64_t last = end / bucket;
    const std::int64_t buckets = std::min(window / bucket, count - 1);
    const std::int64_t first = std::max(last - buckets + 1, begin_ / bucket);
    const Duration known = end - std::max(begin_, bucket * first);
    if (known < std::min(shortest, window)) return {};
    std::uint64_t sum = 0;
    for (std::int64_t i = first; i <= std::min(last, newest_index_); ++i)
      if (i + count > newest_index_) sum += at(i);
    return sum * 8 * 1'000'000'000 / static_cast<std::uint64_t>(known.count());
  }
  std::optional<std::uint64_t> rate(Duration window) const { return rate(newest_, window); }

  /// The highest rate of any stretch of `length` within the last `window`. Nothing while less than `shortest` is known.
  std::optional<std::uint64_t> peak_rate(Duration window, Duration length) const {
    if (newest_index_ == nothing || newest_ - begin_ < shortest) return {};
    const std::int64_t last = newest_index_;
    const std::int64_t buckets = length / bucket;
    std::uint64_t most = 0;
    for (std::int64_t end = last - std::min(window / bucket, count - 1) + buckets; end <= last; ++end) {
      std::uint64_t sum = 0;
      for (std::int64_t i = end - buckets + 1; i <= end; ++i) sum += at(i);
      most = std::max(most, sum);
    }
    return most * 8 * 1'000'000'000 / static_cast<std::uint64_t>((bucket * buckets).count());
  }

  void reset() { *this = {}; }

 private:
  static constexpr std::int64_t count = 64;
  static constexpr std::int64_t nothing = std::numeric_limits<std::int64_t>::min();
  static_assert(bucket * (count - 1) >= longest);

  std::uint32_t& at(std::int64_t index) { return bytes_[static_cast<std::size_t>(index) % count]; }
  std::uint32_t at(std::int64_t index) const { return bytes_[static_cast<std::size_t>(index) % count]; }
  void clear_until(std::int64_t index) {
    for (std::int64_t i = std::max(newest_index_ + 1, index - count + 1); i <= index; ++i) at(i) = 0;
    newest_index_ = index;
  }

  std::int64_t newest_index_ = nothing;
  Duration newest_{};
  Duration begin_{};  ///< when the first packet went by
  std::array<std::uint32_t, count> bytes_{};
};

}  // namespace parley::media::bandwidth
