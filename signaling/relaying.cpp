#include "signaling/relaying.hpp"

#include <algorithm>

namespace parley::signaling {

std::vector<IceServer> ice_servers_for(Time now, HubState& state, const Participant& participant) {
  std::vector<IceServer> servers = state.settings.ice_servers;
  if (!state.relay) return servers;
  const Client* client = participant.client ? state.find(*participant.client) : nullptr;
  std::ranges::move(ice_servers_of(now, *state.relay, client ? client->host : "", participant.identity),
                    std::back_inserter(servers));
  state.relay_deadlines.remove(participant.id);
  state.relay_deadlines.set(participant.id, now + relay_renewal);
  return servers;
}

void tell_ice_servers(Time now, HubState& state, ParticipantId id, HubOutput& out) {
  Room* room = state.home_of(id);
  if (!room) return;
  const Participant& participant = *room->find(id);
  send(participant, message::IceServers{ice_servers_for(now, state, participant)}, out);
}

void tell_ice_servers(Time now, HubState& state, HubOutput& out) {
  std::vector<ParticipantId> everybody;
  for (const auto& [id, room] : state.homes) everybody.push_back(id);
  std::ranges::sort(everybody);
  for (const ParticipantId id : everybody) tell_ice_servers(now, state, id, out);
}

}  // namespace parley::signaling
