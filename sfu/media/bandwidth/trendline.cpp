#include "sfu/media/bandwidth/trendline.hpp"

#include <algorithm>

namespace parley::media::bandwidth {

namespace {

double to_milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

}  // namespace

void Trendline::add(const GroupDelta& delta) {
  if (deltas_ == 0) first_arrival_ = delta.arrival;
  accumulated_ += to_milliseconds(delta.arrived - delta.sent);
  smoothed_ = smoothing * smoothed_ + (1 - smoothing) * accumulated_;
  points_[deltas_ % window] = {to_milliseconds(delta.arrival - first_arrival_), smoothed_};
  ++deltas_;
  if (deltas_ >= window) slope_ = fit();
}

double Trendline::modified_trend() const { return slope_ * static_cast<double>(std::min(deltas_, maximum_deltas)) * gain; }

double Trendline::fit() const {
  double mean_arrival = 0;
  double mean_delay = 0;
  for (const Point& point : points_) {
    mean_arrival += point.arrival / window;
    mean_delay += point.delay / window;
  }
  double numerator = 0;
  double denominator = 0;
  for (const Point& point : points_) {
    numerator += (point.arrival - mean_arrival) * (point.delay - mean_delay);
    denominator += (point.arrival - mean_arrival) * (point.arrival - mean_arrival);
  }
  return denominator > 0 ? numerator / denominator : slope_;
}

}  // namespace parley::media::bandwidth
