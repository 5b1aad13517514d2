#pragma once
// Which protocol a datagram speaks, by its first bytes (RFC 7983, with RFC 9443's wider DTLS range; RTCP by RFC 5761 section 4).

#include <cstdint>

#include "sfu/base/bytes.hpp"

namespace parley::transport {

enum class PacketKind : std::uint8_t { unknown, stun, dtls, turn_channel, rtp, rtcp };

PacketKind classify(Bytes datagram);

}  // namespace parley::transport
