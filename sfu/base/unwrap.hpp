#pragma once
// The one place where counters wrap around. Everything inside of Parley holds 64-bit, unwrapped numbers.

#include <cstdint>
#include <optional>
#include <type_traits>

namespace parley {

/// Turns a wrapping counter of type Wrapped (u8, u16, u32) into one that never wraps, by assuming that each value
/// is less than half of the range away from the newest one seen. Starts one whole range above zero, so that a
/// packet that is older than the first one still gets a positive number.
template <typename Wrapped>
class Unwrapper {
 public:
  /// What `value` is, without remembering it.
  std::int64_t peek(Wrapped value) const {
    if (!newest_) return range + value;
    const auto ahead = static_cast<Wrapped>(value - static_cast<Wrapped>(*newest_));
    const auto difference = static_cast<std::make_signed_t<Wrapped>>(ahead);
    return *newest_ + difference;
  }
  std::int64_t unwrap(Wrapped value) {
    const std::int64_t unwrapped = peek(value);
    if (!newest_ || unwrapped > *newest_) newest_ = unwrapped;
    return unwrapped;
  }

 private:
  static constexpr std::int64_t range = std::int64_t{1} << (8 * sizeof(Wrapped));
  std::optional<std::int64_t> newest_;
};

/// An RTP sequence number, unwrapped.
using Sequence = std::int64_t;
/// An RTP timestamp in units of the codec's clock, unwrapped.
using Timestamp = std::int64_t;

}  // namespace parley
