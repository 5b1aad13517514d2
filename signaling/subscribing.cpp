#include "signaling/subscribing.hpp"

#include "signaling/viewing.hpp"

namespace parley::signaling {
namespace {

Pending pending_for(const Caller& caller, Pending::Kind kind) {
  return {.kind = kind, .participant = caller.participant.id, .client = caller.client, .mark = caller.mark, .track = {}};
}

/// Tells the worker, when both it and the participant are ready for it.
void request_track(Time now, HubState& state, const Room& room, const Participant& participant, TrackId track, HubOutput& out) {
  const auto publisher = room.published.find(track);
  if (!participant.receiving || publisher == room.published.end()) return;
  const Participant& owner = room.participants.at(publisher->second);
  for (const Track& known : owner.tracks)
    if (known.info.track == track && !known.live) return;
  command(now, state, room, control::Subscribe{participant.id, track},
          {.kind = Pending::Kind::subscribe, .participant = participant.id, .client = {}, .mark = {}, .track = track}, out);
  tell_view(state, room, participant, track, out);
}

}  // namespace

void subscribe(Time now, HubState& state, const Caller& caller, const request::Subscribe& subscribe, HubOutput& out) {
  Participant& participant = caller.participant;
  if (!participant.permissions.can_subscribe)
    return refuse(state, caller, {"not_allowed", "The token does not permit receiving."}, out);
  const Participant* publisher = caller.room.publisher_of(subscribe.track);
  if (!publisher || publisher->id == participant.id)
    return refuse(state, caller, {"track_unknown", "There is no such track of somebody else's."}, out);
  reply(caller, message::Ok{}, out);
  if (participant.subscriptions.try_emplace(subscribe.track).second)
    request_track(now, state, caller.room, participant, subscribe.track, out);
}

void unsubscribe(HubState& state, const Caller& caller, const request::Unsubscribe& unsubscribe, HubOutput& out) {
  if (caller.participant.subscriptions.erase(unsubscribe.track) == 0)
    return refuse(state, caller, {"track_unknown", "There is no subscription to this track."}, out);
  reply(caller, message::Ok{}, out);
  command(state, caller.room, control::Unsubscribe{caller.participant.id, unsubscribe.track}, out);
}

void answer(Time now, HubState& state, const Caller& caller, const request::Answer& answer, HubOutput& out) {
  Participant& participant = caller.participant;
  if (!participant.unanswered || participant.unanswered->revision != answer.revision)
    return refuse(state, caller, {"stale_answer", "This answers an older offer, or one that was answered already."}, out);
  participant.unanswered.reset();
  command(now, state, caller.room, control::AcceptAnswer{participant.id, participant.worker_revision, answer.sdp},
          pending_for(caller, Pending::Kind::answer), out);
}

void candidate(HubState& state, const Caller& caller, const request::Candidate& candidate, HubOutput& out) {
  command(state, caller.room, control::AddCandidate{caller.participant.id, candidate.connection, candidate.candidate}, out);
}

void restart(Time now, HubState& state, const Caller& caller, const request::Restart& restart, HubOutput& out) {
  reply(caller, message::Ok{}, out);
  if (restart.replace) caller.participant.unanswered.reset();
  command(now, state, caller.room, control::Renegotiate{caller.participant.id, restart.replace},
          pending_for(caller, Pending::Kind::renegotiate), out);
}

void play(Time now, HubState& state, const Caller& caller, const request::Play& play, HubOutput& out) {
  if (!caller.participant.permissions.can_subscribe)
    return refuse(state, caller, {"not_allowed", "The token does not permit receiving."}, out);
  command(now, state, caller.room, control::Play{caller.participant.id, play.sdp}, pending_for(caller, Pending::Kind::play), out);
}

void subscribe_to_all(Time now, HubState& state, const Room& room, Participant& participant, HubOutput& out) {
  for (const auto& [track, publisher] : room.published) {
    if (!participant.auto_subscribes_to(room.participants.at(publisher))) continue;
    participant.subscriptions.try_emplace(track);
    request_track(now, state, room, participant, track, out);
  }
}

void subscribe_everybody(Time now, HubState& state, Room& room, const Participant& publisher, TrackId track, HubOutput& out) {
  for (auto& [id, participant] : room.participants) {
    if (!participant.auto_subscribes_to(publisher)) continue;
    participant.subscriptions.try_emplace(track);
    request_track(now, state, room, participant, track, out);
  }
}

void subscribe_again(Time now, HubState& state, const Room& room, TrackId track, HubOutput& out) {
  for (const auto& [id, participant] : room.participants)
    if (participant.subscriptions.contains(track)) request_track(now, state, room, participant, track, out);
}

void offered(Room& room, Participant& participant, const control::Offered& event, HubOutput& out) {
  // The first offer of a connection takes the place of the connection before, if the client has one.
  message::Offer offer{.revision = participant.last_revision + 1,
                       .sdp = event.offer,
                       .tracks = {},
                       .replace = event.revision == 1 && participant.last_revision > 0};
  for (const control::OfferedTrack& section : event.tracks)
    if (const Participant* publisher = room.publisher_of(section.track))
      offer.tracks.push_back({section.mid, section.track, publisher->id});
  participant.has_subscribing_connection = true;
  participant.last_revision = offer.revision;
  participant.worker_revision = event.revision;
  participant.unanswered = offer;
  send(participant, std::move(offer), out);
}

void playing(Time now, HubState& state, const Subject& subject, const control::Playing& event, HubOutput& out) {
  Participant& participant = subject.participant;
  participant.has_subscribing_connection = true;
  participant.receiving = true;
  reply(participant, subject.pending, message::Playing{event.answer}, out);
  subscribe_to_all(now, state, subject.room, participant, out);
}

}  // namespace parley::signaling
