// The Hub's doors and its dispatch: one line for each kind of message. What each does stands in the file of its subject.

#include "signaling/hub.hpp"

#include <algorithm>

#include "signaling/conversing.hpp"
#include "signaling/entering.hpp"
#include "signaling/hub_state.hpp"
#include "signaling/lobby.hpp"
#include "signaling/moving.hpp"
#include "signaling/publishing.hpp"
#include "signaling/relaying.hpp"
#include "signaling/subscribing.hpp"
#include "signaling/viewing.hpp"

namespace parley::signaling {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

// ---- clients

void leave_by_request(HubState& state, const Caller& caller, HubOutput& out) {
  const ClientId client = caller.client;
  close(state, client, message::ClosedCode::left, "You have left.", out);
  leave(state, caller.room, caller.participant.id, message::LeftReason::left, out);
}

void already_joined(HubState& state, const Caller& caller, HubOutput& out) {
  refuse(state, caller, {"message_invalid", "This connection has joined already."}, out);
}

void dispatch(Time now, HubState& state, const Caller& caller, const Request& given, HubOutput& out) {
  using namespace request;
  std::visit(Overloaded{
                 [&](const Join&) { already_joined(state, caller, out); },
                 [&](const Resume&) { already_joined(state, caller, out); },
                 [&](const Publish& request) { publish(now, state, caller, request, out); },
                 [&](const Unpublish& request) { unpublish(state, caller, request, out); },
                 [&](const Mute& request) { mute(state, caller, request, out); },
                 [&](const Subscribe& request) { subscribe(now, state, caller, request, out); },
                 [&](const Unsubscribe& request) { unsubscribe(state, caller, request, out); },
                 [&](const SetViews& request) { set_views(now, state, caller, request, out); },
                 [&](const Answer& request) { answer(now, state, caller, request, out); },
                 [&](const Candidate& request) { candidate(state, caller, request, out); },
                 [&](const Restart& request) { restart(now, state, caller, request, out); },
                 [&](const Chat& request) { chat(now, state, caller, request, out); },
                 [&](const Update& request) { update(state, caller, request, out); },
                 [&](const Leave&) { leave_by_request(state, caller, out); },
                 [&](const Ping&) { reply(caller, message::Pong{}, out); },
                 [&](const Remove& request) { remove(state, caller, request, out); },
                 [&](const MuteOther& request) { mute_other(state, caller, request, out); },
                 [&](const SetRoom& request) { set_room(now, state, caller, request, out); },
                 [&](const Admit& request) { admit(now, state, caller, request, out); },
                 [&](const Deny& request) { deny(state, caller, request, out); },
                 [&](const Direct& request) { direct(state, caller, request, out); },
                 [&](const Play& request) { play(now, state, caller, request, out); },
                 [&](const RestartIce& request) { restart_ice(now, state, caller, request, out); },
             },
             given);
}

/// Somebody in the lobby may go again, and show that they are still there.
void wait_on(HubState& state, Client& client, const RequestMessage& message, HubOutput& out) {
  if (std::holds_alternative<request::Leave>(message.request)) {
    stop_waiting(state, client, out);
    return close(state, client.id, message::ClosedCode::left, "You have left.", out);
  }
  if (std::holds_alternative<request::Ping>(message.request))
    return out.push_back(ToClient{client.id, message.mark, message::Pong{}});
  refuse(state, client.id, message.mark, {"not_joined", "Wait until somebody lets you in."}, out);
}

void enter(Time now, HubState& state, Client& client, const RequestMessage& message, HubOutput& out) {
  if (state.knocking.contains(client.id)) return wait_on(state, client, message, out);
  if (const auto* request = std::get_if<request::Join>(&message.request))
    join(now, state, client, message.mark, *request, out);
  else if (const auto* session = std::get_if<request::Resume>(&message.request))
    resume(now, state, client, message.mark, *session, out);
  else
    refuse(state, client.id, message.mark, {"not_joined", "The first message must be join or resume."}, out);
}

/// The client, if it may say something now; one that says too much is told so.
Client* admit(Time now, HubState& state, ClientId id, const std::string& mark, HubOutput& out) {
  Client* client = state.find(id);
  if (!client || client->closing) return nullptr;
  state.counters.add(HubCounter::requests);
  if (client->messages.take(now)) return client;
  refuse(state, id, mark, {"too_many_messages", "Too many messages. Send fewer in a second."}, out);
  return nullptr;
}

void handle(Time now, HubState& state, const ClientOpened& opened, HubOutput& out) {
  const Limits& limits = state.settings.limits;
  state.counters.add(HubCounter::clients_opened);
  Client client{opened.client,
                opened.address.customer(),
                opened.host,
                TokenBucket(limits.messages_per_second, limits.message_burst),
                TokenBucket(limits.views_per_second, limits.view_burst),
                now + limits.join_deadline,
                std::nullopt,
                false};
  const std::uint32_t connections = ++state.connections[client.customer];
  // Behind a proxy on this machine everybody has the loopback address.
  client.closing = connections > limits.connections_per_address && !opened.address.is_loopback();
  if (client.closing) {
    refuse(state, opened.client, "", {"too_many_connections", "Too many connections come from your address."}, out);
    out.push_back(CloseClient{opened.client});
  }
  state.client_deadlines.set(client.id, client.join_until);
  state.clients.insert_or_assign(client.id, std::move(client));
}

void handle(Time now, HubState& state, const ClientRequest& request, HubOutput& out) {
  Client* client = admit(now, state, request.client, request.message.mark, out);
  if (!client) return;
  if (!client->participant) return enter(now, state, *client, request.message, out);
  Room& room = *state.home_of(*client->participant);
  const Caller caller{client->id, request.message.mark, room, *room.find(*client->participant)};
  dispatch(now, state, caller, request.message.request, out);
}

void handle(Time now, HubState& state, const ClientUnreadable& unreadable, HubOutput& out) {
  if (admit(now, state, unreadable.client, unreadable.mark, out))
    refuse(state, unreadable.client, unreadable.mark, unreadable.error, out);
}

void handle(Time now, HubState& state, const ClientClosed& closed, HubOutput& out) {
  const auto found = state.clients.find(closed.client);
  if (found == state.clients.end()) return;
  stop_waiting(state, found->second, out);
  const Client client = std::move(found->second);
  state.clients.erase(found);
  state.client_deadlines.remove(client.id);
  state.counters.add(HubCounter::clients_closed);
  if (--state.connections[client.customer] == 0) state.connections.erase(client.customer);
  if (client.participant) detach(now, state, *client.participant, out);
}

void handle(Time, HubState& state, const ServerStopping&, HubOutput& out) {
  std::vector<ClientId> everybody;
  for (const auto& [id, client] : state.clients) everybody.push_back(id);
  std::ranges::sort(everybody);
  for (const ClientId client : everybody)
    close(state, client, message::ClosedCode::server_stopping, "The server is being stopped.", out);
}

void join_deadline_passed(Time now, HubState& state, ClientId id, HubOutput& out) {
  Client* client = state.find(id);
  if (!client || client->participant || client->closing || client->join_until > now || state.knocking.contains(id)) return;
  state.counters.add(HubCounter::join_deadline);
  client->closing = true;
  refuse(state, id, "", {"not_joined", "Nobody has joined over this connection in time."}, out);
  out.push_back(CloseClient{id});
}

// ---- workers

/// A subscription that is refused is told as its state; any other command's refusal is the answer to its request.
void refused(HubState& state, const Subject& about, const control::Refused& event, HubOutput& out) {
  state.counters.add(HubCounter::worker_refused);
  if (!about.pending) return;
  if (about.pending->kind == Pending::Kind::subscribe) {
    const auto state_of_it = control::SubscriptionState::refused;
    subscription_changed(about.participant, {about.participant.id, about.pending->track, state_of_it, event.code, event.message},
                         out);
  } else if (about.pending->client == about.participant.client) {
    refuse(state, about.pending->client, about.pending->mark, {event.code, event.message}, out);
  }
}

void restarted(const Subject& about, const control::Restarted& event, HubOutput& out) {
  reply(about.participant, about.pending, message::Restarted{event.ufrag, event.password, event.candidates}, out);
}

void connection_changed(const Participant& participant, const control::ConnectionChanged& event, HubOutput& out) {
  send(participant, message::Connection{event.connection, event.state}, out);
}

std::optional<Subject> subject_of(HubState& state, const WorkerEvent& event, ParticipantId id) {
  Room* room = state.home_of(id);
  if (!room || room->worker != event.worker) return std::nullopt;
  return Subject{*room, *room->find(id), event.message.request, state.pending.take(event.message.request)};
}

void dispatch(Time now, HubState& state, const Subject& about, const control::Event& given, HubOutput& out) {
  using namespace control;
  std::visit(Overloaded{
                 [&](const Published& event) { published(now, state, about, event, out); },
                 [&](const Offered& event) { offered(about.room, about.participant, event, out); },
                 [&](const Playing& event) { playing(now, state, about, event, out); },
                 [&](const Restarted& event) { restarted(about, event, out); },
                 [&](const Refused& event) { refused(state, about, event, out); },
                 [&](const ConnectionChanged& event) { connection_changed(about.participant, event, out); },
                 [&](const TrackStarted& event) { track_started(about.room, about.participant, event, out); },
                 [&](const SubscriptionChanged& event) { subscription_changed(about.participant, event, out); },
                 [&](const QualityChanged& event) { quality_changed(about.participant, event, out); },
                 [&](const EncodingsWanted& event) { encodings_wanted(about.participant, event, out); },
                 [](const auto&) {},  // those about a whole worker or room
             },
             given);
}

void handle(Time now, HubState& state, const WorkerEvent& input, HubOutput& out) {
  using namespace control;
  const auto about_participant = [&](const auto& event) {
    if (const auto subject = subject_of(state, input, event.participant))
      dispatch(now, state, *subject, input.message.event, out);
  };
  const auto about_room = [&](const SpeakersChanged& event) {
    const auto room = state.rooms.find(event.room);
    if (room != state.rooms.end() && room->second.worker == input.worker) speakers_changed(room->second, event, out);
  };
  const auto statistics = [&](const Statistics& event) {
    if (Worker* worker = state.workers.find(input.worker)) worker->statistics = event;
  };
  std::visit(Overloaded{
                 [&](const Ready& event) { worker_ready(now, state, input.worker, event, out); },
                 [&](const CandidatesChanged& event) { candidates_changed(state, input.worker, event, out); },
                 [&](const SpeakersChanged& event) { about_room(event); },
                 [&](const Statistics& event) { statistics(event); },
                 [&](const auto& event) { about_participant(event); },
             },
             input.message.event);
}

void handle(Time now, HubState& state, const WorkerDown& down, HubOutput& out) { worker_down(now, state, down.worker, out); }

void handle(Time now, HubState& state, const RelayReady& ready, HubOutput& out) {
  state.relay = ready.relay;
  tell_ice_servers(now, state, out);
}

void command_expired(HubState& state, const Pending& pending, HubOutput& out) {
  if (pending.is_awaited() && state.find(pending.client))
    refuse(state, pending.client, pending.mark, {"server_busy", "The media worker did not answer in time. Try again."}, out);
}

}  // namespace

Hub::Hub(HubSettings settings, Keys keys, Random random)
    : state_(std::make_unique<HubState>(std::move(settings), std::move(keys), std::move(random))) {}
Hub::~Hub() = default;
Hub::Hub(Hub&&) noexcept = default;

void Hub::receive(Time now, const HubInput& input, HubOutput& out) {
  std::visit([&](const auto& given) { handle(now, *state_, given, out); }, input);
}

void Hub::advance(Time now, HubOutput& out) {
  while (const auto client = state_->client_deadlines.take_due(now)) join_deadline_passed(now, *state_, *client, out);
  while (const auto participant = state_->participant_deadlines.take_due(now)) expire(now, *state_, *participant, out);
  while (const auto room = state_->room_deadlines.take_due(now)) give_up(*state_, *room, out);
  while (const auto pending = state_->pending.take_expired(now)) command_expired(*state_, *pending, out);
  while (const auto participant = state_->relay_deadlines.take_due(now)) tell_ice_servers(now, *state_, *participant, out);
}

Time Hub::wakeup() const {
  return std::min({state_->client_deadlines.next(), state_->participant_deadlines.next(), state_->room_deadlines.next(),
                   state_->relay_deadlines.next(), state_->pending.next()});
}

std::optional<WhySummary> Hub::why(const std::string& room, const std::string& identity) const {
  return signaling::why(*state_, room, identity);
}

bool Hub::has_room(const std::string& name) const { return state_->rooms_by_name.contains(name); }

HubSummary Hub::summary() const {
  HubSummary summary{.clients = state_->clients.size(),
                     .rooms = state_->rooms.size(),
                     .participants = state_->homes.size(),
                     .workers = {},
                     .counters = state_->counters};
  for (const auto& [id, worker] : state_->workers.all()) summary.workers.push_back({id, worker.participants, worker.statistics});
  return summary;
}

}  // namespace parley::signaling
