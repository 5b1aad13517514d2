#pragma once
// Everything that the Hub knows, as plain data, and the few ways in which it speaks. The files beside this one hold what it
// does, by subject: entering, lobby, publishing, subscribing, viewing, conversing, moving.

#include <array>
#include <map>
#include <string>
#include <unordered_map>

#include "sfu/base/deadlines.hpp"
#include "sfu/base/random.hpp"
#include "signaling/hub.hpp"
#include "signaling/pending.hpp"
#include "signaling/room.hpp"
#include "signaling/workers.hpp"

namespace parley::signaling {

struct Client {
  ClientId id;
  Address customer;  ///< whose limit it counts against
  std::string host;
  TokenBucket messages;
  TokenBucket views;
  Time join_until{};
  std::optional<ParticipantId> participant;
  bool closing = false;  ///< it was told to go: what it still says is not heard
};

/// A session's id is a password: it is looked up by its digest, so that the time of a miss tells nothing.
using SessionDigest = std::array<std::uint8_t, 32>;
SessionDigest digest_of(const std::string& session);

struct HubState {
  HubState(HubSettings its_settings, Keys its_keys, Random its_random)
      : settings(std::move(its_settings)), keys(std::move(its_keys)), random(std::move(its_random)) {}

  HubSettings settings;
  Keys keys;
  Random random;
  Counters<HubCounter> counters;

  std::unordered_map<ClientId, Client> clients;
  std::unordered_map<Address, std::uint32_t> connections;  ///< by customer
  std::map<RoomId, Room> rooms;
  std::map<std::string, RoomId, std::less<>> rooms_by_name;
  std::unordered_map<ParticipantId, RoomId> homes;
  std::map<SessionDigest, ParticipantId> sessions;
  Workers workers;
  PendingCommands pending;
  /// Clients in lobbies: the room, and as whom it lists them.
  std::unordered_map<ClientId, std::pair<RoomId, ParticipantId>> knocking;
  std::optional<Relay> relay;

  Deadlines<ClientId> client_deadlines;
  Deadlines<ParticipantId> participant_deadlines;
  Deadlines<RoomId> room_deadlines;
  Deadlines<ParticipantId> relay_deadlines;  ///< when new credentials are due

  std::uint64_t last_room = 0;
  std::uint64_t last_participant = 0;
  std::uint64_t last_track = 0;
  std::uint64_t last_request = 0;

  Client* find(ClientId client);
  Room* home_of(ParticipantId participant);
  TrackId next_track() { return TrackId{++last_track}; }
};

/// A joined client that asks for something.
struct Caller {
  ClientId client;
  const std::string& mark;
  Room& room;
  Participant& participant;
};

/// Whom an event is about, on the worker that it comes from, and what it answers, if somebody still waits for that.
struct Subject {
  Room& room;
  Participant& participant;
  RequestId request;
  std::optional<Pending> pending;
};

void reply(const Caller& caller, Message message, HubOutput& out);
/// Answers the request that a command was for, unless its client has gone since.
void reply(const Participant& participant, const std::optional<Pending>& pending, Message message, HubOutput& out);
/// Answers with an error, and counts it.
void refuse(HubState& state, ClientId client, const std::string& mark, Error error, HubOutput& out);
void refuse(HubState& state, const Caller& caller, Error error, HubOutput& out);
/// Nothing happens while the participant is reconnecting.
void send(const Participant& participant, Message message, HubOutput& out);
/// To every page in the room but one. WHIP and WHEP have no use for it.
void broadcast(const Room& room, ParticipantId except, const Message& message, HubOutput& out);
/// The client's last message. Its participant, if it has one, is without a client then.
void close(HubState& state, ClientId client, message::ClosedCode code, std::string text, HubOutput& out);

/// Dropped while the room has no worker: whoever places the room tells the new worker all that holds then.
RequestId command(HubState& state, const Room& room, control::Command command, HubOutput& out);
/// The same for a command whose refusal, or answer, concerns a client.
void command(Time now, HubState& state, const Room& room, control::Command command, Pending pending, HubOutput& out);

}  // namespace parley::signaling
