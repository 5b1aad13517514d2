#pragma once
// The overuse detector (draft-ietf-rmcat-gcc-02 section 5.4): compares the trend with a threshold that adapts itself, so that the
// flow neither starves beside a TCP that fills the queue, nor takes its own noise for congestion.

#include <optional>

#include "sfu/base/time.hpp"

namespace parley::media::bandwidth {

/// Of the path, by this flow.
enum class Usage : std::uint8_t {
  normal,
  overusing,   ///< a queue grows
  underusing,  ///< a queue drains
};

class OveruseDetector {
 public:
  static constexpr double initial_threshold = 12.5;  ///< milliseconds, as all of these
  static constexpr double smallest_threshold = 6;
  static constexpr double largest_threshold = 600;
  /// A trend that is so far beyond the threshold is an outlier and does not move it.
  static constexpr double outlier = 15;
  static constexpr double gain_up = 0.0087;
  static constexpr double gain_down = 0.039;
  /// Beside a queue that is not ours: slower than the waves of a TCP in a queue of a second follow each other.
  static constexpr double gain_down_standing = 0.00005;
  /// The trend must stay above the threshold for so long.
  static constexpr Duration overuse_time = milliseconds(10);
  static constexpr Duration longest_step = milliseconds(100);

  /// `trend` after a group that was sent `sent` after the one before and arrived at `arrival`. `standing_queue`: see there.
  void add(double trend, Duration sent, Duration arrival, bool standing_queue = false);
  Usage usage() const { return usage_; }
  double threshold() const { return threshold_; }
  void reset() { *this = {}; }

 private:
  void adapt(double trend, Duration arrival, bool standing_queue);

  Usage usage_ = Usage::normal;
  double threshold_ = initial_threshold;
  double previous_trend_ = 0;
  int above_ = 0;  ///< consecutive trends above the threshold
  Duration above_for_{};
  std::optional<Duration> adapted_at_;
};

}  // namespace parley::media::bandwidth
