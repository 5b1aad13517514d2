#pragma once
// How much of what one receiver's network carries may go into retransmissions: while it is congested, answering every request
// would take the place of the media, and what is lost again is asked for again. A bucket of bytes that fills with time.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "sfu/base/time.hpp"

namespace parley::media {

class RetransmissionBudget {
 public:
  /// In any second at most a quarter of the estimate: a fifth all the time, and what has been saved up, a twentieth of a second
  /// of the whole.
  static constexpr std::uint64_t percent = 20;
  static constexpr Duration burst = milliseconds(50);

  /// Until this is said for the first time nothing is limited.
  void set_estimate(Time now, std::uint64_t bits_per_second) {
    if (!estimate_) {
      saved_ = capacity(bits_per_second);
      filled_ = now;
    }
    fill(now);
    estimate_ = bits_per_second;
    saved_ = std::min(saved_, capacity(bits_per_second));
  }

  /// Whether a packet of so many bytes may be sent again now; then it is counted. A full bucket admits any packet, and owes what
  /// it does not have.
  bool take(Time now, std::size_t bytes) {
    if (!estimate_) return true;
    fill(now);
    const auto needed = static_cast<double>(bytes);
    if (saved_ < needed && saved_ < capacity(*estimate_)) return false;
    saved_ -= needed;
    return true;
  }

 private:
  static double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
  static double capacity(std::uint64_t estimate) { return static_cast<double>(estimate) / 8 * in_seconds(burst); }
  void fill(Time now) {
    const double passed = in_seconds(std::max<Duration>(now - filled_, {}));
    filled_ = std::max(filled_, now);
    if (estimate_) saved_ = std::min(saved_ + static_cast<double>(*estimate_) / 8 * percent / 100 * passed, capacity(*estimate_));
  }

  std::optional<std::uint64_t> estimate_;
  double saved_ = 0;  ///< bytes; may be owed
  Time filled_{};
};

}  // namespace parley::media
