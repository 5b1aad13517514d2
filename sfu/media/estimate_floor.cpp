#include "sfu/media/estimate_floor.hpp"

namespace parley::media {

void EstimateFloor::add(Time now, std::uint64_t bits_per_second) {
  // What was higher before does not matter any more.
  while (!samples_.empty() && samples_.back().bits_per_second > bits_per_second) samples_.pop_back();
  if (samples_.empty() || (samples_.back().bits_per_second < bits_per_second && now - samples_.back().at >= step))
    samples_.push_back({now, bits_per_second});
  std::size_t outdated = 0;
  while (outdated + 1 < samples_.size() && samples_[outdated + 1].at + longest <= now) ++outdated;
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(outdated));
}

std::uint64_t EstimateFloor::lowest(Time now, Duration window) const {
  // The one that was in force when the window began, else the first.
  std::uint64_t result = samples_.empty() ? 0 : samples_.front().bits_per_second;
  for (const auto& sample : samples_)
    if (sample.at + window <= now) result = sample.bits_per_second;
  return result;
}

}  // namespace parley::media
