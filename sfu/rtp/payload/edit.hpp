#pragma once
// How an outgoing payload differs from the stored one. The stored bytes are shared by all receivers and never changed: the
// few bytes that differ are written behind the RTP header, and the stored payload follows without its first `skip` bytes.

#include <array>
#include <cstdint>

#include "sfu/base/bytes.hpp"

namespace parley::rtp {

struct PayloadEdit {
  /// A VP8 descriptor has at most 6 bytes, the RED headers of maximum_red_blocks 21, an RTX prefix 2.
  static constexpr std::size_t capacity = 32;
  std::array<std::uint8_t, capacity> prefix_bytes{};
  std::uint8_t prefix_size = 0;
  std::uint16_t skip = 0;

  Bytes prefix() const { return Bytes(prefix_bytes).first(prefix_size); }
  Bytes rest(Bytes payload) const { return payload.subspan(skip < payload.size() ? skip : payload.size()); }
};

}  // namespace parley::rtp
