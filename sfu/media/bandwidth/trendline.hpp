#pragma once
// The trendline filter: sums up the gradients of the packet groups to a queueing delay, smooths it, and fits a line through the
// last 20 points. Its slope is how fast the queue grows: 0.1 means 100 ms in each second.

#include <array>
#include <cstddef>

#include "sfu/media/bandwidth/packet_groups.hpp"

namespace parley::media::bandwidth {

class Trendline {
 public:
  static constexpr std::size_t window = 20;
  static constexpr double smoothing = 0.9;
  static constexpr double gain = 4;
  /// The trend is multiplied with the number of deltas, up to this: early slopes are noise.
  static constexpr std::size_t maximum_deltas = 60;

  void add(const GroupDelta& delta);
  /// What the overuse detector compares with its threshold, in milliseconds.
  double modified_trend() const;
  double slope() const { return slope_; }
  std::size_t deltas() const { return deltas_; }
  /// The sum of the gradients: the queueing delay, up to a constant. In milliseconds.
  double delay() const { return accumulated_; }
  void reset() { *this = {}; }

 private:
  struct Point {
    double arrival = 0;  ///< milliseconds since the first one
    double delay = 0;
  };
  double fit() const;

  std::array<Point, window> points_{};
  std::size_t deltas_ = 0;
  Duration first_arrival_{};
  double accumulated_ = 0;
  double smoothed_ = 0;
  double slope_ = 0;
};

}  // namespace parley::media::bandwidth
