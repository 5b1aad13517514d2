#pragma once
// Application-limited region: whether what is sent leaves much of the estimate unused. Then the estimate learns nothing from the
// traffic, and a probe must ask.

#include <cstdint>

#include "sfu/base/time.hpp"
#include "sfu/media/bandwidth/rate_window.hpp"

namespace parley::media::bandwidth {

class ApplicationLimit {
 public:
  static constexpr Duration window = milliseconds(500);
  /// Of the estimate. Layers come in steps, so that a source often fills three quarters of the estimate and wants to know whether
  /// the next step fits: libwebrtc's 65 % would leave it there for ever.
  static constexpr double begins_below = 0.85;
  static constexpr double ends_above = 0.95;

  void sent(Time now, std::size_t bytes) { sent_.add(now.time_since_epoch(), bytes); }
  void update(Time now, double estimate) {
    const double used = static_cast<double>(sent_rate(now)) / estimate;
    limited_ = used < (limited_ ? ends_above : begins_below);
  }
  bool limited() const { return limited_; }
  std::uint64_t sent_rate(Time now) const { return sent_.rate(now.time_since_epoch(), window).value_or(0); }

 private:
  RateWindow sent_;
  bool limited_ = false;
};

}  // namespace parley::media::bandwidth
