#pragma once
// RTP header extensions (RFC 8285) that Parley understands on each side, and how their numbers are agreed on.

#include <vector>

#include "sfu/sdp/session.hpp"

namespace parley::sdp {

/// The largest number that a one-byte header can carry, and the largest with which Firefox takes a description.
inline constexpr std::uint8_t largest_extension_id = 14;

/// The dependency descriptor is agreed on for AV1 alone:
///
///   AV1     its payloads don't say which layer they are, so nothing could be left out without the descriptor, and receivers
///           could not tell the frames of a picture apart;
///   VP8     with the descriptor, browsers leave picture numbers and temporal layers out of the payload, and then nobody
///           without the descriptor could be given fewer layers, or another encoding without a break;
///   VP9     its payload descriptor says all of it, in both modes, and costs less than a second description;
///   H.264   browsers' encoders make no layers of it.
///
/// A descriptor with its structure (92 bytes for L3T3) only fits into two-byte header extensions, which have to be allowed by
/// a=extmap-allow-mixed (RFC 8285 section 6). Where there is no descriptor that is refused: it would only turn every key frame's
/// extensions into the longer form.
bool is_dependency_descriptor(const HeaderExtension& extension);

/// What we read on packets that a client publishes: those of its section that we know and that the client will send, with its
/// numbers and with the direction seen from our side. `codecs` are those that we take; it sends the first.
std::vector<HeaderExtension> received_extensions(const Section& offered, const std::vector<Codec>& codecs);

/// What we can write on packets that a client receives: those of its description that are in offered_extensions() and
/// that it will receive, with its numbers and with the direction seen from our side.
std::vector<HeaderExtension> sent_extensions(const Section& described, const std::vector<Codec>& codecs);

/// Whether a section with these extensions has to allow two-byte headers.
bool needs_mixed_headers(const std::vector<HeaderExtension>& extensions);

}  // namespace parley::sdp
