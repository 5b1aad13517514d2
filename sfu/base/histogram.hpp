#pragma once
// A histogram of non-negative whole numbers whose buckets grow with the value: exact below 32, then within 3 %. For delays in
// microseconds, run lengths, sizes. Fixed memory, two instructions or so to add to, and two of them can be summed.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace parley {

class Histogram {
 public:
  void add(std::uint64_t value, std::uint64_t times = 1) {
    counts_[index(value)] += times;
    total_ += times;
    sum_ += value * times;
    largest_ = std::max(largest_, value);
  }
  Histogram& operator+=(const Histogram& other) {
    if (other.total_ == 0) return *this;
    for (std::size_t i = 0; i <= index(other.largest_); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
    sum_ += other.sum_;
    largest_ = std::max(largest_, other.largest_);
    return *this;
  }
  /// What was added since `earlier`, which is a former state of this one. Its largest() is still the largest of all.
  Histogram since(const Histogram& earlier) const {
    Histogram added = *this;
    for (std::size_t i = 0; i < counts_.size(); ++i) added.counts_[i] -= earlier.counts_[i];
    added.total_ -= earlier.total_;
    added.sum_ -= earlier.sum_;
    return added;
  }

  std::uint64_t count() const { return total_; }
  std::uint64_t largest() const { return largest_; }
  double mean() const { return total_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(total_); }

  /// The smallest value that `share` (0 to 1) of all values do not exceed, to within a bucket; 0 when there are none.
  std::uint64_t quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && seen >= std::max<std::uint64_t>(wanted, 1)) return std::min(upper_bound(i), largest_);
    }
    return 0;
  }

  /// Calls visit(largest value of the bucket, count) for each bucket that is not empty, in ascending order.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if (counts_[i] > 0) visit(upper_bound(i), counts_[i]);
  }

 private:
  /// Each power of two is cut into 2^precision buckets.
  static constexpr unsigned precision = 5;
  static constexpr std::size_t per_octave = 1u << precision;

  static std::size_t index(std::uint64_t value) {
    if (value < per_octave) return static_cast<std::size_t>(value);
    const auto octave = static_cast<unsigned>(std::bit_width(value)) - precision;
    return octave * per_octave + static_cast<std::size_t>((value >> (octave - 1)) & (per_octave - 1));
  }
  static std::uint64_t upper_bound(std::size_t i) {
    if (i < per_octave) return i;
    const auto octave = static_cast<unsigned>(i / per_octave);
    return ((std::uint64_t{per_octave} + i % per_octave + 1) << (octave - 1)) - 1;
  }

  std::array<std::uint64_t, (64 - precision + 1) * per_octave> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t largest_ = 0;
};

}  // namespace parley
