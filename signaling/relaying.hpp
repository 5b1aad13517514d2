#pragma once
// Which STUN and TURN servers a client is told of, and when again.

#include "signaling/hub_state.hpp"

namespace parley::signaling {

/// Those of the configuration, and the bundled relay, with credentials that are renewed in time.
std::vector<IceServer> ice_servers_for(Time now, HubState& state, const Participant& participant);

/// New credentials for one, if it is still there, or for everybody.
void tell_ice_servers(Time now, HubState& state, ParticipantId participant, HubOutput& out);
void tell_ice_servers(Time now, HubState& state, HubOutput& out);

}  // namespace parley::signaling
