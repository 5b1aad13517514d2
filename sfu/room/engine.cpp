#include "sfu/room/engine.hpp"

#include "sfu/room/description.hpp"

namespace parley::room {

namespace {

constexpr Duration statistics_interval = seconds(1);

transport::Transport* transport_of(Participant& participant, control::Connection connection) {
  if (connection == control::Connection::publishing)
    return participant.publishing ? &participant.publishing->transport() : nullptr;
  return participant.subscribing ? &participant.subscribing->transport() : nullptr;
}

}  // namespace

Engine::Engine(Config config, Random random)
    : context_{transport::Certificate::make(),
               std::move(random),
               config.limits,
               std::move(config.candidates),
               {},
               transport::make_cipher(),
               {},
               {},
               {}} {}

// --- datagrams -------------------------------------------------------------------------------------------------------

void Engine::receive(Time now, const Path& path, MutableBytes datagram, Output& out) {
  const transport::Cipher::Turn turn(*context_.cipher);
  context_.statistics.add(Metric::datagrams_received);
  const auto key = routes_.find(path, datagram, out.outbox.drops);
  if (!key) return;
  const auto place = find(key->participant);
  auto* transport = transport_of(*place.participant, key->connection);
  const auto received = transport->receive(now, path, datagram, out.outbox);
  route(*key, received, out);
  receive(now, place, key->connection, received, out);
  using Kind = transport::Received::Kind;
  const bool media = received.kind == Kind::rtp || received.kind == Kind::rtcp;
  if (!media && key->connection == control::Connection::publishing) exchange_data(now, place, out);
  // Media changes nothing that the front or the routes would have to know.
  if (media)
    participant_deadlines_.set(key->participant, place.participant->wakeup());
  else
    settle(now, *place.participant, out);
}

void Engine::receive(Time now, const Place& place, control::Connection connection, const transport::Received& received,
                     Output& out) {
  using Kind = transport::Received::Kind;
  const bool publishing = connection == control::Connection::publishing;
  auto& participant = *place.participant;
  if (received.kind == Kind::rtp && publishing) place.room->receive_rtp(now, participant, received.packet, out);
  if (received.kind == Kind::rtp && !publishing) out.outbox.drops.add(DropReason::rtp_not_publishing);
  if (received.kind == Kind::rtcp && publishing) participant.publishing->receive_rtcp(now, received.packet, out);
  if (received.kind == Kind::rtcp && !publishing) {
    if (!participant.subscribing->receive_rtcp(now, received.packet, out)) return;
    // A publisher may have been asked for a key frame, and has to be woken for that.
    for (const auto& subscription : participant.subscribing->subscriptions())
      if (const auto publisher = find(subscription->publication()->publisher()))
        participant_deadlines_.set(publisher.participant->id, publisher.participant->wakeup());
  }
  room_deadlines_.set(place.room->id(), place.room->wakeup());
}

void Engine::route(const ConnectionKey& key, const transport::Received& received, Output& out) {
  if (received.added) {
    const auto before = routes_.add_path(key, *received.added);
    if (const auto place = before ? find(before->participant) : Place{})
      if (auto* transport = transport_of(*place.participant, before->connection)) transport->path_closed(*received.added);
  }
  if (received.forgotten) {
    routes_.remove_path(*received.forgotten);
    if (received.forgotten->protocol == Protocol::tcp) out.close.push_back(*received.forgotten);
  }
}

void Engine::exchange_data(Time now, const Place& place, Output& out) {
  place.room->receive_data(*place.participant, out);
  place.room->send_data(now, *place.participant, out);
  relay_data(now, *place.room, out);
}

void Engine::relay_data(Time now, Room& room, Output& out) {
  while (auto* receiver = room.take_data_receiver()) {
    room.send_data(now, *receiver, out);
    participant_deadlines_.set(receiver->id, receiver->wakeup());
  }
}

void Engine::path_closed(Time now, const Path& path, Output& out) {
  const transport::Cipher::Turn turn(*context_.cipher);
  const auto key = routes_.find(path);
  if (!key) return;
  routes_.remove_path(path);
  const auto place = find(key->participant);
  if (auto* transport = transport_of(*place.participant, key->connection)) transport->path_closed(path);
  settle(now, *place.participant, out);
}

// --- commands --------------------------------------------------------------------------------------------------------

void Engine::receive(Time now, const control::CommandMessage& message, Output& out) {
  const transport::Cipher::Turn turn(*context_.cipher);
  std::visit([&](const auto& command) { handle(now, message.request, command, out); }, message.command);
}

void Engine::handle(Time, RequestId request, const control::AddParticipant& command, Output& out) {
  if (find(command.participant))
    return refuse(request, command.participant, {"participant_exists", "This participant has been added already."}, out);
  auto& room = rooms_[command.room];
  if (!room) room = std::make_unique<Room>(command.room, context_);
  const DataPermissions data{.publish = command.publishes_data, .hidden = command.hidden};
  participants_[command.participant] = {room.get(), &room->add(command.participant, command.cname, data)};
}

void Engine::handle(Time now, RequestId, const control::RemoveParticipant& command, Output& out) {
  const auto place = find(command.participant);
  if (!place) return;
  forget(*place.participant, control::Connection::publishing, out);
  forget(*place.participant, control::Connection::subscribing, out);
  std::erase_if(publishers_, [&](const auto& entry) { return entry.second == command.participant; });
  participants_.erase(command.participant);
  participant_deadlines_.remove(command.participant);
  place.room->remove(now, command.participant, out);
  if (place.room->empty()) {
    room_deadlines_.remove(place.room->id());
    rooms_.erase(place.room->id());
  } else {
    settle(now, *place.room, out);
  }
}

void Engine::handle(Time now, RequestId request, const control::Publish& command, Output& out) {
  const auto place = find(command.participant);
  if (!require(place, request, command.participant, out)) return;
  auto published = place.room->publish(now, *place.participant, command, out);
  if (!published) return refuse(request, command.participant, published.error(), out);
  if (command.replace) forget(*place.participant, control::Connection::publishing, out);
  std::erase_if(publishers_, [&](const auto& entry) { return entry.second == command.participant; });
  for (const auto& track : published->tracks) publishers_[track.track] = command.participant;
  out.tell(std::move(*published), request);
  settle(now, *place.room, out);
}

void Engine::handle(Time now, RequestId request, const control::Unpublish& command, Output& out) {
  const auto [place, publication] = find(command.track);
  if (!publication || place.participant->id != command.participant)
    return refuse(request, command.participant, {"track_unknown", "This participant does not publish such a track."}, out);
  place.room->unpublish(now, *place.participant, command.track, out);
  publishers_.erase(command.track);
  settle(now, *place.room, out);
}

void Engine::handle(Time now, RequestId request, const control::Mute& command, Output& out) {
  const auto [place, publication] = find(command.track);
  if (!publication) return refuse(request, {}, {"track_unknown", "There is no such track (any more)."}, out);
  place.room->mute(now, *publication, command.muted);
  settle(now, *place.room, out);
}

void Engine::handle(Time now, RequestId request, const control::Subscribe& command, Output& out) {
  const auto place = find(command.participant);
  if (!require(place, request, command.participant, out)) return;
  const auto [publisher, publication] = find(command.track);
  if (!publication || publisher.room != place.room)
    return refuse(request, command.participant, {"track_unknown", "There is no such track in this room (any more)."}, out);
  const auto subscribed = place.room->subscribe(now, *place.participant, *publisher.participant, command.track, out);
  if (!subscribed) refuse(request, command.participant, subscribed.error(), out);
  settle(now, *place.room, out);
}

void Engine::handle(Time now, RequestId request, const control::Unsubscribe& command, Output& out) {
  const auto place = find(command.participant);
  if (!require(place, request, command.participant, out)) return;
  place.room->unsubscribe(now, *place.participant, command.track, out);
  settle(now, *place.participant, out);
}

void Engine::handle(Time now, RequestId request, const control::AcceptAnswer& command, Output& out) {
  const auto place = find(command.participant);
  if (!require(place, request, command.participant, out)) return;
  if (!place.participant->subscribing)
    return refuse(request, command.participant, {"stale_answer", "Nothing has been offered that this could answer."}, out);
  const auto accepted = place.participant->subscribing->accept_answer(now, command, out);
  if (!accepted) refuse(request, command.participant, accepted.error(), out);
  settle(now, *place.room, out);
}

void Engine::handle(Time now, RequestId request, const control::Play& command, Output& out) {
  const auto place = find(command.participant);
  if (!require(place, request, command.participant, out)) return;
  if (place.participant->subscribing)
    return refuse(request, command.participant, {"already_playing", "This participant receives already."}, out);
  auto connection = std::make_unique<SubscribingConnection>(context_, command.participant, make_credentials(context_.random));
  auto playing = connection->play(command);
  if (!playing) return refuse(request, command.participant, playing.error(), out);
  place.participant->subscribing = std::move(connection);
  out.tell(std::move(*playing), request);
  settle(now, *place.participant, out);
}

void Engine::handle(Time now, RequestId request, const control::Renegotiate& command, Output& out) {
  const auto place = find(command.participant);
  if (!require(place, request, command.participant, out)) return;
  if (command.replace) {
    forget(*place.participant, control::Connection::subscribing, out);
    place.room->replace_subscribing(now, *place.participant, out);
  } else if (place.participant->subscribing) {
    place.participant->subscribing->restart_ice();
  }
  settle(now, *place.participant, out);
}

void Engine::handle(Time, RequestId, const control::AddCandidate&, Output&) {
  // ICE-lite sends no checks, so a remote candidate changes nothing here: the peer's own check brings its address.
}

void Engine::handle(Time now, RequestId request, const control::RestartIce& command, Output& out) {
  const auto place = find(command.participant);
  if (!require(place, request, command.participant, out)) return;
  auto& participant = *place.participant;
  if (!transport_of(participant, command.connection))
    return refuse(request, command.participant, {"no_connection", "There is no such connection to restart."}, out);
  const transport::IceCredentials remote{command.ufrag, command.password};
  const auto local = command.connection == control::Connection::publishing ? participant.publishing->restart_ice(remote)
                                                                           : participant.subscribing->restart_ice(remote);
  out.tell(control::Restarted{command.participant, local.ufrag, local.password, context_.candidates}, request);
  settle(now, participant, out);
}

void Engine::handle(Time now, RequestId request, const control::SetView& command, Output& out) {
  const auto place = find(command.participant);
  if (!require(place, request, command.participant, out)) return;
  media::View view{command.visible, command.width, command.height, command.priority, {}};
  if (command.maximum != control::MaximumLayers{})
    view.maximum = media::Quality{media::Layer{command.maximum.encoding}, command.maximum.spatial, command.maximum.temporal};
  // The subscription may have ended meanwhile.
  if (!place.participant->subscribing || !place.participant->subscribing->set_view(now, command.track, view)) return;
  place.participant->subscribing->advance(now, out);
  // Its publisher may be wanted to send more, or less.
  if (const auto [publisher, publication] = find(command.track); publication) publication->advance(now, out);
  settle(now, *place.participant, out);
}

void Engine::set_candidates(Time, std::vector<std::string> candidates, Output& out) {
  if (candidates == context_.candidates) return;
  context_.candidates = candidates;
  out.tell(control::CandidatesChanged{std::move(candidates)});
}

// --- time ------------------------------------------------------------------------------------------------------------

void Engine::advance(Time now, Output& out) {
  const transport::Cipher::Turn turn(*context_.cipher);
  while (const auto id = participant_deadlines_.take_due(now)) {
    const auto place = find(*id);
    if (!place) continue;
    if (place.participant->publishing) {
      place.participant->publishing->advance(now, out);
      exchange_data(now, place, out);
    }
    if (place.participant->subscribing) place.participant->subscribing->advance(now, out);
    settle(now, *place.participant, out);
  }
  while (const auto id = room_deadlines_.take_due(now)) {
    auto& room = *rooms_.at(*id);
    room.advance(now, out);
    room_deadlines_.set(*id, room.wakeup());
  }
  if (now >= next_statistics_) emit_statistics(now, out);
  begin_slot(now);
  flush(now, out);
}

void Engine::begin_slot(Time now) {
  if (now < context_.waiting_until) return;
  context_.waiting_until = never;
  for (std::size_t left = context_.waiting.size(); left > 0; --left) context_.waiting.pop()->end_wait(now);
}

void Engine::flush(Time now, Output& out) {
  while (!context_.leaving.empty() && out.outbox.datagrams.entries().size() < copies_in_turn) {
    context_.leaving.pop()->flush(now, out);
  }
}

Time Engine::wakeup() const {
  const Time leaving = context_.leaving.empty() ? never : context_.leaving_since;
  return std::min({leaving, context_.waiting_until, participant_deadlines_.next(), room_deadlines_.next(), next_statistics_});
}

void Engine::emit_statistics(Time now, Output& out) {
  control::Statistics event;
  for (std::size_t i = 0; i < Statistics::size; ++i)
    event.counters.emplace(name(static_cast<Metric>(i)), context_.statistics[static_cast<Metric>(i)]);
  for (std::size_t i = 0; i < Drops::size; ++i) {
    const auto reason = static_cast<DropReason>(i);
    if (out.outbox.drops[reason] > 0) event.counters.emplace("drop_" + std::string(name(reason)), out.outbox.drops[reason]);
  }
  const auto forwarded = context_.statistics[Metric::rtp_forwarded];
  event.participants = participants();
  event.forwarded_per_second = static_cast<std::uint32_t>(forwarded - std::exchange(forwarded_before_, forwarded));
  next_statistics_ = now + statistics_interval;
  out.tell(std::move(event));
}

// --- settling --------------------------------------------------------------------------------------------------------

void Engine::settle(Time now, Room& room, Output& out) {
  relay_data(now, room, out);
  for (const auto& [id, participant] : room.participants()) settle(now, *participant, out);
  room_deadlines_.set(room.id(), room.wakeup());
}

void Engine::settle(Time, Participant& participant, Output& out) {
  using control::Connection;
  if (participant.publishing)
    settle({participant.id, Connection::publishing}, participant.publishing->transport(), participant.publishing_announced, out);
  if (participant.subscribing) {
    settle({participant.id, Connection::subscribing}, participant.subscribing->transport(), participant.subscribing_announced,
           out);
    participant.subscribing->offer_if_due(out);
  }
  participant_deadlines_.set(participant.id, participant.wakeup());
}

void Engine::settle(const ConnectionKey& key, const transport::Transport& transport, Announced& announced, Output& out) {
  if (const auto& ufrag = transport.local_credentials().ufrag; announced.ufrag != ufrag) {
    announced.ufrag = ufrag;
    routes_.set_ufrag(key, ufrag);
  }
  if (announced.state == transport.state()) return;
  announced.state = transport.state();
  out.tell(control::ConnectionChanged{key.participant, key.connection, describe(transport.state())});
}

void Engine::forget(Participant& participant, control::Connection connection, Output& out) {
  routes_.remove({participant.id, connection}, out.close);
  (connection == control::Connection::publishing ? participant.publishing_announced : participant.subscribing_announced) = {};
}

Engine::Place Engine::find(ParticipantId participant) {
  const auto found = participants_.find(participant);
  if (found == participants_.end()) return {};
  return found->second;
}

std::pair<Engine::Place, Publication*> Engine::find(TrackId track) {
  const auto publisher = publishers_.find(track);
  const auto place = publisher == publishers_.end() ? Place{} : find(publisher->second);
  if (!place || !place.participant->publishing) return {};
  return {place, place.participant->publishing->find(track)};
}

bool Engine::require(const Place& place, RequestId request, ParticipantId participant, Output& out) {
  if (!place) refuse(request, participant, {"participant_unknown", "There is no such participant (any more)."}, out);
  return static_cast<bool>(place);
}

void Engine::refuse(RequestId request, ParticipantId participant, const Error& error, Output& out) {
  context_.statistics.add(Metric::commands_refused);
  out.tell(control::Refused{participant, error.code, error.message}, request);
}

bool Engine::empty() const {
  return rooms_.empty() && participants_.empty() && publishers_.empty() && routes_.empty() && participant_deadlines_.empty() &&
         room_deadlines_.empty();
}

}  // namespace parley::room
