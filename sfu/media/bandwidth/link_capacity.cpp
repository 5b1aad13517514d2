#include "sfu/media/bandwidth/link_capacity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace parley::media::bandwidth {

void LinkCapacity::update(double bits_per_second, double gain) {
  const double sample = bits_per_second / 1000;
  const double before = estimate_.value_or(bits_per_second) / 1000;
  const double after = (1 - gain) * before + gain * sample;
  const double error = after - sample;
  variance_ = std::clamp((1 - gain) * variance_ + gain * error * error / std::max(after, 1.0), 0.4, 2.5);
  estimate_ = after * 1000;
}

double LinkCapacity::deviation() const { return std::sqrt(variance_ * *estimate_ / 1000) * 1000; }

double LinkCapacity::upper_bound() const {
  return estimate_ ? *estimate_ + 3 * deviation() : std::numeric_limits<double>::infinity();
}

double LinkCapacity::lower_bound() const { return estimate_ ? std::max(0.0, *estimate_ - 3 * deviation()) : 0; }

}  // namespace parley::media::bandwidth
