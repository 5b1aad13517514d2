#include "sfu/media/bandwidth/overuse_detector.hpp"

#include <algorithm>
#include <cmath>

namespace parley::media::bandwidth {

void OveruseDetector::add(double trend, Duration sent, Duration arrival, bool standing_queue) {
  if (trend > threshold_) {
    above_for_ += above_ == 0 ? sent / 2 : sent;
    ++above_;
    if (above_for_ > overuse_time && above_ > 1 && trend >= previous_trend_) {
      above_ = 0;
      above_for_ = Duration(0);
      usage_ = Usage::overusing;
    }
  } else {
    above_ = 0;
    above_for_ = Duration(0);
    usage_ = trend < -threshold_ ? Usage::underusing : Usage::normal;
  }
  previous_trend_ = trend;
  adapt(trend, arrival, standing_queue);
}

void OveruseDetector::adapt(double trend, Duration arrival, bool standing_queue) {
  const Duration since = std::clamp(arrival - adapted_at_.value_or(arrival), Duration(0), longest_step);
  adapted_at_ = arrival;
  const double distance = std::abs(trend) - threshold_;
  if (distance > outlier) return;
  const double gain = distance > 0 ? gain_up : standing_queue ? gain_down_standing : gain_down;
  threshold_ += gain * distance * static_cast<double>(since.count()) / 1e6;
  threshold_ = std::clamp(threshold_, smallest_threshold, largest_threshold);
}

}  // namespace parley::media::bandwidth
