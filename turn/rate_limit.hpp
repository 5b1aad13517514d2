#pragma once
// How much of something may happen in a time: a bucket that fills steadily and that whatever happens takes from.

#include <algorithm>
#include <cstdint>

#include "sfu/base/time.hpp"

namespace parley::turn {

/// How fast a bucket fills, and how much it holds.
struct Rate {
  std::uint64_t per_second = 0;
  std::uint64_t at_once = 0;
};

class TokenBucket {
 public:
  /// Takes `amount`, when there is so much.
  bool take(Time now, Rate rate, std::uint64_t amount) {
    fill(now, rate);
    if (amount > level_) return false;
    level_ -= amount;
    return true;
  }
  /// Takes as much of `wanted` as there is.
  std::uint64_t take_some(Time now, Rate rate, std::uint64_t wanted) {
    fill(now, rate);
    const std::uint64_t taken = std::min(wanted, level_);
    level_ -= taken;
    return taken;
  }

 private:
  void fill(Time now, Rate rate) {
    // Full at first, and after an hour at the latest: that bound keeps the product within 64 bits.
    const Duration passed = std::clamp(now - filled_, Duration::zero(), Duration(hours(1)));
    const auto passed_microseconds = static_cast<std::uint64_t>(passed.count() / 1000);
    const std::uint64_t amount = passed_microseconds * rate.per_second / 1'000'000;
    if (amount == 0) return;
    level_ += amount;
    // Moved on by what the amount took to come, or who asks often would lose the fractions.
    filled_ = now - passed + microseconds(amount * 1'000'000 / rate.per_second);
    level_ = std::min(level_, rate.at_once);
  }

  std::uint64_t level_ = 0;
  Time filled_{};
};

}  // namespace parley::turn
