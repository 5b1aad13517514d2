#pragma once
// Whether somebody else keeps the queue full. A queue of our own making drains when the rate falls; one that stays although we
// back off belongs to a flow that only stops at loss, such as a long TCP. Then the threshold of the overuse detector must not
// come down between two waves of that flow, or we would give way until nothing is left (draft-ietf-rmcat-gcc-02 always lets it
// come down so slowly; that makes the queue twice as long when we are alone).

#include <algorithm>
#include <optional>

#include "sfu/base/time.hpp"

namespace parley::media::bandwidth {

class StandingQueue {
 public:
  /// Within so much of the shortest delay, the queue counts as empty. Milliseconds.
  static constexpr double empty = 15;
  /// A queue that was not empty for so long is a standing one.
  static constexpr Duration stands_after = seconds(2);
  /// The shortest delay is forgotten so slowly: more than two clocks run apart, so that drift never looks like a queue.
  /// Milliseconds in a millisecond.
  static constexpr double forgetting = 300e-6;

  /// `delay`: of a group, up to a constant, in milliseconds.
  void add(double delay, Duration arrival) {
    if (!shortest_) {
      shortest_ = delay;
      changed_at_ = empty_at_ = arrival;
    }
    const double elapsed = static_cast<double>((arrival - changed_at_).count()) / 1e6;
    shortest_ = std::min(*shortest_ + forgetting * std::max(elapsed, 0.0), delay);
    changed_at_ = arrival;
    length_ = delay - *shortest_;
    if (length_ < empty) empty_at_ = arrival;
  }
  bool present() const { return changed_at_ - empty_at_ > stands_after; }
  /// Milliseconds.
  double length() const { return length_; }
  void reset() { *this = {}; }

 private:
  std::optional<double> shortest_;
  double length_ = 0;
  Duration changed_at_{};
  Duration empty_at_{};
};

}  // namespace parley::media::bandwidth
