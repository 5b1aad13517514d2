#pragma once
// Randomness as a value that is handed in: seeded by the operating system in production, by a number in the simulator.

#include <array>
#include <cstdint>
#include <string>

#include "sfu/base/bytes.hpp"

namespace parley {

/// A cryptographic generator (SHA-256 in counter mode over the seed). Passwords and ids may come from it.
class Random {
 public:
  using Seed = std::array<std::uint8_t, 32>;
  explicit Random(const Seed& seed) : seed_(seed) {}
  /// For tests and the simulator: the same number gives the same sequence.
  static Random from_number(std::uint64_t number);
  /// Seeded by the operating system.
  static Random from_system();

  void fill(MutableBytes bytes);
  std::uint64_t next();
  std::uint32_t next32() { return static_cast<std::uint32_t>(next()); }
  /// Uniform in [0, limit); limit must not be 0.
  std::uint64_t below(std::uint64_t limit);
  /// Uniform in [0, 1).
  double uniform();
  /// `length` characters of the ice-char set (RFC 8839 section 5.4), 6 bits of randomness each.
  std::string ice_characters(std::size_t length);

 private:
  void refill();

  Seed seed_;
  std::uint64_t block_ = 0;
  std::array<std::uint8_t, 32> pool_{};
  std::size_t used_ = 32;
};

}  // namespace parley
