#pragma once
// From an SSRC to whatever it belongs to: a flat table with open addressing, one cache line for nearly every look-up. Filled
// anew when the tracks change, which is rare beside packets.

#include <bit>
#include <cstddef>
#include <vector>

#include "sfu/base/ids.hpp"

namespace parley::loadtest {

template <typename Value>
class SsrcTable {
 public:
  /// Room for `count` SSRCs, none of them there.
  void clear(std::size_t count) { slots_.assign(std::bit_ceil(2 * count + 1), {}); }
  /// At most as many as clear() was told. One that is there already keeps its value.
  void add(Ssrc ssrc, Value& value) {
    Slot& slot = find_slot(ssrc);
    if (!slot.value) slot = {ssrc, &value};
  }
  /// Null when it is not there.
  Value* find(Ssrc ssrc) { return slots_.empty() ? nullptr : find_slot(ssrc).value; }

 private:
  struct Slot {
    Ssrc ssrc;
    Value* value = nullptr;
  };
  /// The slot of this SSRC, or the free one where it belongs. The table is never more than half full.
  Slot& find_slot(Ssrc ssrc) {
    std::size_t index = ssrc.value * std::size_t{0x9E3779B1} >> 7;  // SSRCs of one server may differ in few bits
    while (slots_[index & (slots_.size() - 1)].value && slots_[index & (slots_.size() - 1)].ssrc != ssrc) ++index;
    return slots_[index & (slots_.size() - 1)];
  }

  std::vector<Slot> slots_;
};

}  // namespace parley::loadtest
