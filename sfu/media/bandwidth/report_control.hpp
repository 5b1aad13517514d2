#pragma once
// The loss-based rate for receivers without transport-wide feedback (draft-ietf-rmcat-gcc-02 section 6): all that it knows are
// the losses in receiver reports. Below 2 % it rises, beyond 10 % it falls.

#include <cstdint>
#include <optional>

#include "sfu/base/time.hpp"

namespace parley::media::bandwidth {

class ReportControl {
 public:
  static constexpr double low_loss = 0.02;
  static constexpr double high_loss = 0.10;
  static constexpr double growth = 1.08;  ///< in a second
  /// Between two decreases, besides a round trip: the first one must have had its effect.
  static constexpr Duration decrease_interval = milliseconds(300);
  /// Like the delay-based rate, it never grows far beyond what is really sent.
  static constexpr double headroom = 1.5;
  static constexpr double headroom_constant = 10'000;

  /// The new rate, from the one until now.
  double update(Time now, double rate, double sent_rate, double loss, Duration round_trip);
  double loss() const { return loss_; }

 private:
  double loss_ = 0;
  std::optional<Time> updated_at_;
  std::optional<Time> decreased_at_;
};

}  // namespace parley::media::bandwidth
