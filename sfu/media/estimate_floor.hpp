#pragma once
// How low an estimate has been of late: what it has not fallen below for some time can be built upon. A machine without output.

#include <cstdint>
#include <vector>

#include "sfu/base/time.hpp"

namespace parley::media {

class EstimateFloor {
 public:
  static constexpr Duration longest = std::chrono::seconds(60);
  /// Samples that follow one another sooner are taken together, so that there are never more than 600 of them.
  static constexpr Duration step = milliseconds(100);

  /// The estimate from now on, in bits/s.
  void add(Time now, std::uint64_t bits_per_second);
  /// The lowest within the last `window`, at most `longest`. 0 before the first estimate.
  std::uint64_t lowest(Time now, Duration window) const;

 private:
  struct Sample {
    Time at;
    std::uint64_t bits_per_second;
  };
  std::vector<Sample> samples_;  ///< each lower than those after it; the last is in force
};

}  // namespace parley::media
