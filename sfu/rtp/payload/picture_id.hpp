#pragma once
// The picture number as VP8 (RFC 7741 section 4.2) and VP9 (RFC 9628 section 4.2) write it: 7 bits, or 15 behind a flag M.

#include <cstddef>
#include <cstdint>

#include "sfu/base/bytes.hpp"

namespace parley::rtp {

/// Writes `picture_id` over the one that stands at `at`, in as many bits; where what follows it begins. `at` lies inside.
inline std::size_t rewrite_picture_id(std::uint16_t picture_id, MutableBytes descriptor, std::size_t at) {
  constexpr std::uint8_t bit_m = 0x80;
  if (descriptor[at] & bit_m && at + 1 < descriptor.size()) {
    descriptor[at] = static_cast<std::uint8_t>(bit_m | picture_id >> 8);
    descriptor[++at] = static_cast<std::uint8_t>(picture_id);
  } else {
    descriptor[at] = static_cast<std::uint8_t>(picture_id & ~bit_m);
  }
  return at + 1;
}

}  // namespace parley::rtp
