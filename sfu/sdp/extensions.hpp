#pragma once
// RTP header extensions (RFC 8285) that Parley understands on each side, and how their numbers are agreed on.

#include <vector>

#include "sfu/sdp/session.hpp"

namespace parley::sdp {

/// The largest number that a one-byte header can carry. Larger ones need a=extmap-allow-mixed, which we refuse (interop trap 5).
inline constexpr std::uint8_t largest_extension_id = 14;

/// What we read on packets that a client publishes: those of the offer that we know and that the client will send, with
/// its numbers and with the direction seen from our side.
std::vector<HeaderExtension> received_extensions(Kind kind, const std::vector<HeaderExtension>& offered);

/// What we can write on packets that a client receives: those of its description that are in offered_extensions() and
/// that it will receive, with its numbers and with the direction seen from our side.
std::vector<HeaderExtension> sent_extensions(Kind kind, const std::vector<HeaderExtension>& described);

}  // namespace parley::sdp
