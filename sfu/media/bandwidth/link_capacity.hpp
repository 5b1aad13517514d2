#pragma once
// What the bottleneck carried when it was last full: a smoothed mean of the throughput at each overuse, and how much it varies.
// Near it the rate control climbs slowly, far from it fast.

#include <cstdint>
#include <optional>

namespace parley::media::bandwidth {

class LinkCapacity {
 public:
  void add_overuse(double bits_per_second) { update(bits_per_second, 0.05); }
  void add_probe(double bits_per_second) { update(bits_per_second, 0.5); }
  void reset() { estimate_.reset(); }

  std::optional<double> estimate() const { return estimate_; }
  /// Three standard deviations away; a throughput beyond them belongs to another capacity.
  double upper_bound() const;
  double lower_bound() const;

 private:
  void update(double bits_per_second, double gain);
  double deviation() const;

  std::optional<double> estimate_;
  /// Variance, divided by the estimate, in kbit/s.
  double variance_ = 0.4;
};

}  // namespace parley::media::bandwidth
