#pragma once
// Retransmission payloads (RFC 4588): the original sequence number in two bytes, then the original payload. Timestamp and marker
// are those of the original packet; SSRC, payload type and sequence number are the retransmission stream's own.

#include <optional>

#include "sfu/base/ids.hpp"
#include "sfu/base/random.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/rtp/packet.hpp"
#include "sfu/rtp/payload/edit.hpp"

namespace parley::media {

/// The original packet, as a view into the RTX packet. Nothing when the payload is shorter than two bytes: count
/// rtp_padding_only when rtx.padding_only() (browsers probe with those), else rtx_malformed.
std::optional<rtp::PacketView> unwrap_rtx(const rtp::PacketView& rtx, Ssrc original, PayloadType original_type);

/// Puts the original sequence number in front of an edit that was made for the original packet.
rtp::PayloadEdit prepend_original_sequence(std::uint16_t original, const rtp::PayloadEdit& edit);

/// Where an outgoing stream begins to count: below 2^15, so that a receiver which misses the first packets cannot guess SRTP's
/// roll-over counter wrong (RFC 3711 section 3.3.1).
Sequence first_outgoing_sequence(Random& random);

}  // namespace parley::media
