#include "signaling/hub_state.hpp"

#include "sfu/base/crypto.hpp"

namespace parley::signaling {
namespace {

/// A refusal's counter has the name of its code; all tokens share one.
void count_refusal(Counters<HubCounter>& counters, std::string_view code) {
  if (code.starts_with("token_")) counters.add(HubCounter::token_refused);
  for (std::size_t i = 0; i < Counters<HubCounter>::size; ++i)
    if (const auto counter = static_cast<HubCounter>(i); name(counter) == code) counters.add(counter);
}

}  // namespace

SessionDigest digest_of(const std::string& session) { return sha256(as_bytes(session)); }

Client* HubState::find(ClientId client) {
  const auto found = clients.find(client);
  return found == clients.end() ? nullptr : &found->second;
}

Room* HubState::home_of(ParticipantId participant) {
  const auto home = homes.find(participant);
  if (home == homes.end()) return nullptr;
  const auto room = rooms.find(home->second);
  return room == rooms.end() ? nullptr : &room->second;
}

void reply(const Caller& caller, Message message, HubOutput& out) {
  out.push_back(ToClient{caller.client, caller.mark, std::move(message)});
}

void reply(const Participant& participant, const std::optional<Pending>& pending, Message message, HubOutput& out) {
  if (pending && pending->client == participant.client)
    out.push_back(ToClient{pending->client, pending->mark, std::move(message)});
}

void refuse(HubState& state, ClientId client, const std::string& mark, Error error, HubOutput& out) {
  count_refusal(state.counters, error.code);
  out.push_back(ToClient{client, mark, message::Failed{std::move(error)}});
}

void refuse(HubState& state, const Caller& caller, Error error, HubOutput& out) {
  refuse(state, caller.client, caller.mark, std::move(error), out);
}

void send(const Participant& participant, Message message, HubOutput& out) {
  if (participant.client) out.push_back(ToClient{*participant.client, "", std::move(message)});
}

void broadcast(const Room& room, ParticipantId except, const Message& message, HubOutput& out) {
  for (const auto& [id, participant] : room.participants)
    if (id != except && participant.presence == Presence::conversation) send(participant, message, out);
}

void close(HubState& state, ClientId client, message::ClosedCode code, std::string text, HubOutput& out) {
  Client* known = state.find(client);
  if (!known || known->closing) return;
  known->closing = true;
  if (const auto id = std::exchange(known->participant, std::nullopt)) state.home_of(*id)->find(*id)->client.reset();
  out.push_back(ToClient{client, "", message::Closed{code, std::move(text)}});
  out.push_back(CloseClient{client});
}

RequestId command(HubState& state, const Room& room, control::Command command, HubOutput& out) {
  if (!room.worker) return {};
  const RequestId request{++state.last_request};
  out.push_back(ToWorker{*room.worker, {request, std::move(command)}});
  return request;
}

void command(Time now, HubState& state, const Room& room, control::Command given, Pending pending, HubOutput& out) {
  pending.deadline = now + state.settings.limits.worker_deadline;
  const RequestId request = command(state, room, std::move(given), out);
  if (request != RequestId{}) state.pending.add(request, std::move(pending));
}

}  // namespace parley::signaling
