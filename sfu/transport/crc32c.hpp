#pragma once
// CRC32c, the checksum of SCTP (RFC 9260 appendix A). The packets travel inside of DTLS, which has noticed any change of them
// long before; but the field has to be right all the same (RFC 9653 would spare it, and no browser offers that yet).

#include <cstdint>

#include "sfu/base/bytes.hpp"

namespace parley::transport {

/// Of all the bytes; `before`: of those that came before them.
std::uint32_t crc32c(Bytes bytes, std::uint32_t before = 0);

/// Puts the checksum into a whole SCTP packet, of at least 12 bytes.
void write_sctp_checksum(MutableBytes packet);
/// Whether a packet is long enough to be one and has the right checksum.
bool sctp_checksum_matches(Bytes packet);

}  // namespace parley::transport
