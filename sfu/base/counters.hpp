#pragma once
// Counters indexed by an enum. Each worker has its own: no shared counter, no lock in the packet path.

#include <array>
#include <cstddef>
#include <cstdint>

namespace parley {

/// One number for each value of Enum, whose last enumerator must be `count_`.
template <typename Enum>
class Counters {
 public:
  static constexpr std::size_t size = static_cast<std::size_t>(Enum::count_);

  void add(Enum which, std::uint64_t amount = 1) { values_[static_cast<std::size_t>(which)] += amount; }
  std::uint64_t operator[](Enum which) const { return values_[static_cast<std::size_t>(which)]; }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto value : values_) sum += value;
    return sum;
  }
  Counters& operator+=(const Counters& other) {
    for (std::size_t i = 0; i < size; ++i) values_[i] += other.values_[i];
    return *this;
  }

 private:
  std::array<std::uint64_t, size> values_{};
};

}  // namespace parley
