#pragma once
// Redundant audio (RFC 2198) made out of plain packets for a receiver that wants it: each packet carries the one before once
// more, so that a single loss costs neither a gap nor a round trip. Nothing is encoded; the earlier packet comes from the cache.

#include <array>

#include "sfu/media/media_packet.hpp"

namespace parley::media {

/// What stands in front of the packet's own payload: the block headers, then the earlier packet's payload.
struct RedPrefix {
  /// Ten bits of block length (RFC 2198 section 3), and so never more than half of a datagram.
  static constexpr std::size_t longest_block = 1023;
  static constexpr std::size_t headers = 5;

  Bytes bytes() const { return Bytes(buffer).first(size); }

  std::array<std::uint8_t, headers + longest_block> buffer;
  std::size_t size = 0;
};

/// `previous` is the packet with the sequence number before `packet`'s, or null. It is left out when it is longer or lies further
/// back than the header can say (14 bits of timestamp), or both together would not fit into a datagram. `block_type` is the
/// receiver's payload type of the codec inside.
void encode_red(const MediaPacket& packet, const MediaPacket* previous, PayloadType block_type, RedPrefix& out);

}  // namespace parley::media
