#pragma once
// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): HTTP requests to the Hub's Requests, its Messages to HTTP answers. A session
// is a client of the Hub with an id of the upper half. Its URL is a capability: 128 random bits.
// Left out: WHEP's counter-offer (406 with an offer), server-sent events.

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "sfu/base/random.hpp"
#include "signaling/http.hpp"
#include "signaling/hub.hpp"

namespace parley::signaling {

inline constexpr std::uint64_t whip_client_base = std::uint64_t{1} << 63;

/// What it has to say to the Hub and to HTTP clients.
struct WhipOutput {
  std::vector<HubInput> hub;
  std::vector<HttpAnswer> answers;
};

}  // namespace parley::signaling
