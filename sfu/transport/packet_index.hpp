#pragma once
// The 48-bit packet index of SRTP (RFC 3711 section 3.3.1): the 16-bit sequence number, and above it the rollover counter that is
// never sent but estimated. And the window against replays (section 3.3.2).

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace parley::transport {

/// The index of a packet when `highest` is the highest one so far. RFC 3711 appendix A, except that a rollover counter of 0 is
/// never counted down.
constexpr std::uint64_t estimate_index(std::optional<std::uint64_t> highest, std::uint16_t sequence) {
  constexpr std::uint32_t half = 0x8000;
  if (!highest) return sequence;
  const std::uint32_t newest = *highest & 0xFFFF;
  std::uint64_t rollovers = *highest >> 16;
  if (newest < half) {
    if (sequence > newest + half && rollovers > 0) --rollovers;
  } else if (newest - half > sequence) {
    ++rollovers;
  }
  return rollovers << 16 | sequence;
}

class ReplayWindow {
 public:
  /// Packets that a resent one may be late by: two seconds of a 500 packets/s stream.
  static constexpr std::uint64_t size = 1024;

  const std::optional<std::uint64_t>& highest() const { return highest_; }

  /// False for an index that was added before, and for one that is too old to know.
  bool is_new(std::uint64_t index) const {
    if (!highest_ || index > *highest_) return true;
    return *highest_ - index < size && (bits_[index % size / 64] >> (index % 64) & 1) == 0;
  }
  void add(std::uint64_t index) {
    if (!highest_ || index > *highest_) {
      const std::uint64_t steps = highest_ ? std::min(index - *highest_, size) : 0;
      for (std::uint64_t i = 0; i < steps; ++i) bit(index - i, false);
      highest_ = index;
    }
    bit(index, true);
  }

 private:
  void bit(std::uint64_t index, bool value) {
    std::uint64_t& word = bits_[index % size / 64];
    const std::uint64_t mask = std::uint64_t{1} << (index % 64);
    word = value ? word | mask : word & ~mask;
  }

  std::optional<std::uint64_t> highest_;
  std::array<std::uint64_t, size / 64> bits_{};
};

}  // namespace parley::transport
