#include "signaling/lobby.hpp"

#include "signaling/entering.hpp"

namespace parley::signaling {
namespace {

Error not_admitted() { return {"not_admitted", "You were not let in."}; }

/// Of a request that only administrators may make.
bool may_decide(HubState& state, const Caller& caller, HubOutput& out) {
  if (caller.participant.permissions.room_admin) return true;
  refuse(state, caller, {"not_allowed", "Only a room's administrator may do this."}, out);
  return false;
}

message::Lobby lobby_of(const Room& room) {
  message::Lobby lobby;
  for (const auto& [id, waiting] : room.waiting) lobby.waiting.push_back({id, waiting.grant.identity, waiting.name()});
  return lobby;
}

void tell_administrators(const Room& room, HubOutput& out) {
  for (const auto& [id, participant] : room.participants)
    if (participant.permissions.room_admin && participant.presence == Presence::conversation)
      send(participant, lobby_of(room), out);
}

/// Takes somebody out of the list of those who wait.
std::optional<Waiting> take(HubState& state, Room& room, ParticipantId id) {
  const auto found = room.waiting.find(id);
  if (found == room.waiting.end()) return std::nullopt;
  Waiting waiting = std::move(found->second);
  room.waiting.erase(found);
  state.knocking.erase(waiting.client);
  return waiting;
}

void turn_away(HubState& state, const Waiting& waiting, HubOutput& out) {
  refuse(state, waiting.client, waiting.mark, not_admitted(), out);
  if (Client* client = state.find(waiting.client)) client->closing = true;
  out.push_back(CloseClient{waiting.client});
}

void let_in(Time now, HubState& state, Room& room, ParticipantId id, HubOutput& out) {
  const auto waiting = take(state, room, id);
  Client* client = waiting ? state.find(waiting->client) : nullptr;
  if (!client) return;
  come_in(now, state, room, *client, waiting->mark, waiting->join, waiting->grant, out);
  if (client->participant) return;
  // The room is full. The deadline of the connection has passed while it waited.
  client->join_until = now + state.settings.limits.join_deadline;
  state.client_deadlines.set(client->id, client->join_until);
}

Error participant_not_waiting() { return {"participant_unknown", "There is nobody like this in the lobby."}; }

}  // namespace

Entry entry_for(const Room& room, const Grant& grant) {
  if (grant.permissions.room_admin || room.remembered.contains(grant.identity)) return Entry::open;
  if (room.policy.locked) return Entry::refused;
  return room.policy.lobby ? Entry::lobby : Entry::open;
}

void knock(HubState& state, Room& room, Client& client, const std::string& mark, const request::Join& join, const Grant& grant,
           HubOutput& out) {
  if (join.presence != Presence::conversation)
    return refuse(state, client.id, mark, {"not_admitted", "This room has a lobby: only its administrators publish or play."},
                  out);
  if (room.waiting.size() >= state.settings.limits.waiting_per_room)
    return refuse(state, client.id, mark, {"lobby_full", "Too many people wait to be let in. Try again later."}, out);
  const ParticipantId id{++state.last_participant};
  state.counters.add(HubCounter::waited);
  room.waiting.emplace(id, Waiting{client.id, mark, join, grant});
  state.knocking[client.id] = {room.id, id};
  out.push_back(ToClient{client.id, "", message::Waiting{}});
  tell_administrators(room, out);
}

void stop_waiting(HubState& state, Client& client, HubOutput& out) {
  const auto knocking = state.knocking.find(client.id);
  if (knocking == state.knocking.end()) return;
  const auto [room_id, id] = knocking->second;
  Room& room = state.rooms.at(room_id);
  take(state, room, id);
  tell_administrators(room, out);
}

void dismiss(HubState& state, Room& room, HubOutput& out) {
  while (!room.waiting.empty()) turn_away(state, *take(state, room, room.waiting.begin()->first), out);
}

void set_room(Time now, HubState& state, const Caller& caller, const request::SetRoom& change, HubOutput& out) {
  if (!may_decide(state, caller, out)) return;
  if (change.direct.value_or(false) && !state.settings.direct)
    return refuse(state, caller, {"direct_off", "This server permits no direct connections."}, out);
  Room& room = caller.room;
  const RoomPolicy before = room.policy;
  room.policy.locked = change.locked.value_or(before.locked);
  room.policy.lobby = change.lobby.value_or(before.lobby);
  room.policy.direct = change.direct.value_or(before.direct);
  reply(caller, message::Ok{}, out);
  if (room.policy == before) return;
  broadcast(room, ParticipantId{}, message::RoomChanged{room.policy}, out);
  if (room.policy.lobby || room.waiting.empty()) return;
  if (room.policy.locked) dismiss(state, room, out);
  while (!room.waiting.empty()) let_in(now, state, room, room.waiting.begin()->first, out);
  tell_administrators(room, out);
}

void admit(Time now, HubState& state, const Caller& caller, const request::Admit& admit, HubOutput& out) {
  if (!may_decide(state, caller, out)) return;
  if (!caller.room.waiting.contains(admit.participant)) return refuse(state, caller, participant_not_waiting(), out);
  reply(caller, message::Ok{}, out);
  let_in(now, state, caller.room, admit.participant, out);
  tell_administrators(caller.room, out);
}

void deny(HubState& state, const Caller& caller, const request::Deny& deny, HubOutput& out) {
  if (!may_decide(state, caller, out)) return;
  const auto waiting = take(state, caller.room, deny.participant);
  if (!waiting) return refuse(state, caller, participant_not_waiting(), out);
  reply(caller, message::Ok{}, out);
  turn_away(state, *waiting, out);
  tell_administrators(caller.room, out);
}

void tell_lobby(const Room& room, const Participant& participant, HubOutput& out) {
  if (participant.permissions.room_admin && !room.waiting.empty()) send(participant, lobby_of(room), out);
}

}  // namespace parley::signaling
