#pragma once
// How many allocations each user and each address has, over all workers: the one thing that they share. Counts are held in two
// rows of atomic numbers, each indexed by another hash under a secret key, and the smaller of the two holds: names that collide
// in one row do not in the other. So the memory is fixed, there is no lock, and nobody can choose a name to take another's quota.

#include <array>
#include <atomic>
#include <cstdint>

#include "sfu/base/bytes.hpp"

namespace parley::turn {

class Quotas {
 public:
  using Key = std::array<std::uint8_t, 32>;
  explicit Quotas(const Key& key) : key_(key) {}

  /// Where the counts of one name are. Whoever has added keeps it for remove().
  struct Slot {
    std::uint16_t first = 0;
    std::uint16_t second = 0;
  };
  Slot find(Bytes name) const;

  /// One more, unless that would be more than `limit`; then false, and nothing has changed.
  bool add(Slot slot, std::uint32_t limit);
  void remove(Slot slot);
  /// At least as many as the name has.
  std::uint32_t count(Slot slot) const;

 private:
  /// 16 bits of hash: with thousands of names at a time both rows collide for about one in a hundred, who then shares a quota.
  using Row = std::array<std::atomic<std::uint32_t>, 65536>;
  Key key_;
  Row first_{};
  Row second_{};
};

}  // namespace parley::turn
