#include "signaling/entering.hpp"

#include "sfu/base/crypto.hpp"
#include "signaling/conversing.hpp"
#include "signaling/lobby.hpp"
#include "signaling/moving.hpp"
#include "signaling/publishing.hpp"
#include "signaling/relaying.hpp"
#include "signaling/subscribing.hpp"
#include "signaling/text.hpp"
#include "signaling/viewing.hpp"

namespace parley::signaling {
namespace {

std::string random_session(Random& random) {
  std::array<std::uint8_t, 16> bytes{};  // 128 bits: nobody finds one by trying
  random.fill(bytes);
  return "s-" + base64url_encode(bytes);
}

std::optional<Error> check_join(const request::Join& join, const Grant& grant) {
  if (!join.name.empty() && !is_good_name(join.name))
    return Error{"message_invalid", "The name is too long, or has control characters."};
  if (auto error = check_attributes(join.attributes)) return error;
  if (join.presence == Presence::publisher && (!grant.permissions.can_publish || grant.permissions.hidden))
    return Error{"not_allowed", "The token does not permit publishing."};
  if (join.presence == Presence::viewer && !grant.permissions.can_subscribe)
    return Error{"not_allowed", "The token does not permit receiving."};
  return std::nullopt;
}

/// A new room is placed at once; a room that waits for a worker takes nobody in.
Result<Room*> room_for(HubState& state, const std::string& name) {
  const Error busy{"server_busy", "No media worker is ready. Try again in a few seconds."};
  if (const auto known = state.rooms_by_name.find(name); known != state.rooms_by_name.end()) {
    Room& room = state.rooms.at(known->second);
    return room.worker ? Result<Room*>(&room) : Result<Room*>(busy);
  }
  if (state.rooms.size() >= state.settings.limits.rooms)
    return Error{"too_many_rooms", "This server has as many rooms as it can hold. Try again later."};
  const auto worker = state.workers.choose();
  if (!worker) return busy;
  const RoomId id{++state.last_room};
  state.rooms_by_name[name] = id;
  Room& room = state.rooms[id];
  room.id = id;
  room.name = name;
  room.worker = worker;
  room.policy.direct = state.settings.direct;
  return &room;
}

/// Takes the participant out of every list. The room stays, even if it is empty now.
void unlink(HubState& state, Room& room, ParticipantId id, message::LeftReason reason, HubOutput& out) {
  Participant& participant = *room.find(id);
  while (!participant.tracks.empty()) room.unlink(participant, participant.tracks.back().info.track);
  command(state, room, control::RemoveParticipant{id}, out);
  if (Worker* worker = room.worker ? state.workers.find(*room.worker) : nullptr) --worker->participants;
  if (participant.is_announced()) broadcast(room, id, message::ParticipantLeft{id, reason}, out);
  if (Client* client = participant.client ? state.find(*participant.client) : nullptr) client->participant.reset();
  state.sessions.erase(digest_of(participant.session));
  state.pending.take_all(id);
  state.participant_deadlines.remove(id);
  state.relay_deadlines.remove(id);
  state.homes.erase(id);
  room.held.erase(id);
  room.participants.erase(id);
  state.counters.add(HubCounter::left);
}

/// A second join with the same identity: the first one goes, and is told why.
void take_over(HubState& state, Room& room, const Participant& rival, HubOutput& out) {
  state.counters.add(HubCounter::replaced);
  if (rival.client)
    close(state, *rival.client, message::ClosedCode::replaced, "You joined from another window, so this one has left.", out);
  unlink(state, room, rival.id, message::LeftReason::replaced, out);
}

Participant& link(HubState& state, Room& room, Client& client, const request::Join& join, const Grant& grant, HubOutput& out) {
  const ParticipantId id{++state.last_participant};
  Participant participant;
  participant.id = id;
  participant.identity = grant.identity;
  participant.name = grant.name.empty() ? join.name : grant.name;
  participant.attributes = join.attributes;
  participant.permissions = grant.permissions;
  participant.presence = join.presence;
  participant.auto_subscribe = join.auto_subscribe && join.presence != Presence::publisher;
  participant.only = join.only;
  participant.receiving = join.presence == Presence::conversation;
  participant.client = client.id;
  client.participant = id;
  state.homes[id] = room.id;
  if (join.presence == Presence::conversation) {
    participant.session = random_session(state.random);
    state.sessions[digest_of(participant.session)] = id;
  }
  Participant& linked = room.participants.emplace(id, std::move(participant)).first->second;
  add_to_worker(state, room, linked, out);
  return linked;
}

void greet(Time now, HubState& state, const Caller& caller, HubOutput& out) {
  const Participant& participant = caller.participant;
  reply(caller,
        message::Joined{.session = participant.session,
                        .resume_window = state.settings.limits.resume_window,
                        .room = caller.room.name,
                        .participant = participant.info(),
                        .participants = caller.room.others(participant.id),
                        .permissions = participant.permissions,
                        .policy = caller.room.policy,
                        .chat = caller.room.chat.entries(),
                        .ice_servers = ice_servers_for(now, state, participant),
                        .limits = state.settings.limits},
        out);
}

}  // namespace

void join(Time now, HubState& state, Client& client, const std::string& mark, const request::Join& join, HubOutput& out) {
  const auto grant = verify_join(now, join.token, join.room, state.keys);
  if (!grant) return refuse(state, client.id, mark, grant.error(), out);
  if (auto error = check_join(join, *grant)) return refuse(state, client.id, mark, *error, out);
  const auto room = room_for(state, grant->room);
  if (!room) return refuse(state, client.id, mark, room.error(), out);
  switch (entry_for(**room, *grant)) {
    case Entry::refused:
      return refuse(state, client.id, mark, {"room_locked", "This room is locked: nobody new can come in."}, out);
    case Entry::lobby:
      return knock(state, **room, client, mark, join, *grant, out);
    case Entry::open:
      return come_in(now, state, **room, client, mark, join, *grant, out);
  }
}

void come_in(Time now, HubState& state, Room& room, Client& client, const std::string& mark, const request::Join& join,
             const Grant& grant, HubOutput& out) {
  if (const Participant* rival = room.find_rival(grant.identity, join.presence)) take_over(state, room, *rival, out);
  if (room.participants.size() >= state.settings.limits.participants_per_room)
    return refuse(state, client.id, mark, {"room_full", "The room is full."}, out);
  Participant& participant = link(state, room, client, join, grant, out);
  if (room.remembered.size() < Room::remembered_limit) room.remembered.insert(grant.identity);
  state.counters.add(HubCounter::joined);
  greet(now, state, {client.id, mark, room, participant}, out);
  tell_lobby(room, participant, out);
  if (participant.is_announced()) broadcast(room, participant.id, message::ParticipantJoined{participant.info()}, out);
  subscribe_to_all(now, state, room, participant, out);
}

void resume(Time now, HubState& state, Client& client, const std::string& mark, const request::Resume& resume, HubOutput& out) {
  const auto session = state.sessions.find(digest_of(resume.session));
  if (session == state.sessions.end())
    return refuse(state, client.id, mark, {"session_unknown", "This session is over. Join again."}, out);
  Room& room = *state.home_of(session->second);
  Participant& participant = *room.find(session->second);
  const bool was_reconnecting = !participant.client;
  if (Client* old = participant.client ? state.find(*participant.client) : nullptr) {
    old->participant.reset();
    close(state, old->id, message::ClosedCode::replaced, "This session goes on over another connection.", out);
  }
  participant.client = client.id;
  participant.resume_until = never;
  client.participant = participant.id;
  state.counters.add(HubCounter::resumed);
  const Caller caller{client.id, mark, room, participant};
  // Whoever has not published again since the move may have lost the news of it with the connection. A new worker's offer has to
  // come after that news, which ends the connections that the client still has.
  const bool silent_since = participant.has_dead_tracks() && !participant.has_publishing_connection;
  const bool moved = std::exchange(participant.moved_unseen, false) || silent_since;
  reply(caller,
        message::Resumed{participant.info(), room.others(participant.id), room.policy, ice_servers_for(now, state, participant),
                         moved ? std::nullopt : participant.unanswered},
        out);
  tell_state_again(participant, out);
  tell_lobby(room, participant, out);
  if (was_reconnecting && participant.is_announced())
    broadcast(room, participant.id, message::ParticipantUpdated{participant.info()}, out);
  if (!moved) return;
  tell_moved(now, state, participant, out);
  if (participant.unanswered)
    send(participant, *participant.unanswered, out);
  else if (participant.has_subscribing_connection)
    command(state, room, control::Renegotiate{participant.id, true}, out);
}

void detach(Time now, HubState& state, ParticipantId id, HubOutput& out) {
  Room& room = *state.home_of(id);
  Participant& participant = *room.find(id);
  if (participant.presence != Presence::conversation) return leave(state, room, id, message::LeftReason::lost, out);
  participant.client.reset();
  participant.resume_until = now + state.settings.limits.resume_window;
  state.participant_deadlines.set(id, participant.resume_until);
  if (participant.is_announced()) broadcast(room, id, message::ParticipantUpdated{participant.info()}, out);
}

void leave(HubState& state, Room& room, ParticipantId participant, message::LeftReason reason, HubOutput& out) {
  unlink(state, room, participant, reason, out);
  if (!room.participants.empty()) return;
  dismiss(state, room, out);
  state.room_deadlines.remove(room.id);
  state.rooms_by_name.erase(room.name);
  state.rooms.erase(room.id);
}

void expire(Time now, HubState& state, ParticipantId id, HubOutput& out) {
  Room* room = state.home_of(id);
  if (!room) return;
  Participant& participant = *room->find(id);
  if (participant.resume_until <= now) {
    state.counters.add(HubCounter::lost);
    return leave(state, *room, id, message::LeftReason::lost, out);
  }
  if (participant.republish_until <= now) give_up_dead_tracks(*room, participant, out);
  state.participant_deadlines.set(id, std::min(participant.resume_until, participant.republish_until));
}

}  // namespace parley::signaling
