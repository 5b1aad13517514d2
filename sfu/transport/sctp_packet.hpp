#pragma once
// The gate in front of usrsctp. DTLS keeps strangers out, but the peer itself may be hostile, and usrsctp 0.9.5 trusts more than
// it should: an INIT with a parameter of length 0, for an association that exists, holds its thread for ever. So a packet is read
// here first, and only what a browser has reason to send goes on. Pure.

#include "sfu/base/bytes.hpp"

namespace parley::transport {

/// Whether the packet (RFC 9260 section 3) consists of whole chunks of types that WebRTC uses (RFC 9260, RFC 3758, RFC 6525),
/// with whole parameters in those that have some. `established`: then there is no reason for an INIT or INIT ACK but an old
/// duplicate, and neither goes on.
bool is_sound_sctp(Bytes packet, bool established);

}  // namespace parley::transport
