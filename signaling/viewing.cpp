#include "signaling/viewing.hpp"

namespace parley::signaling {
namespace {

message::Subscription message_of(const control::SubscriptionChanged& event) {
  return {event.track, event.state, event.reason, event.message};
}
message::Quality message_of(const control::QualityChanged& event) {
  return {event.track, event.current, event.wanted, event.limit, event.estimate_bits_per_second};
}
message::Encodings message_of(const control::EncodingsWanted& event) { return {event.track, event.rids, event.any}; }

/// Nothing is remembered of a subscription that has ended while the worker's event was on its way.
Subscription* find_subscription(Participant& participant, TrackId track) {
  const auto found = participant.subscriptions.find(track);
  return found == participant.subscriptions.end() ? nullptr : &found->second;
}

/// A page before a player: they may share an identity.
const Participant* find_person(const Room& room, const std::string& identity) {
  const Participant* person = nullptr;
  for (const auto& [id, participant] : room.participants)
    if (participant.identity == identity && (!person || participant.presence != Presence::viewer)) person = &participant;
  return person;
}

WhySummary::Entry entry_of(const Participant& publisher, TrackId track, const Subscription& subscription) {
  WhySummary::Entry entry{publisher.identity, publisher.name, {}, subscription};
  for (const Track& known : publisher.tracks)
    if (known.info.track == track) entry.track = known.info;
  return entry;
}

}  // namespace

void set_views(Time now, HubState& state, const Caller& caller, const request::SetViews& views, HubOutput& out) {
  if (!state.find(caller.client)->views.take(now, views.views.size()))
    return refuse(state, caller, {"too_many_views", "Too many views. Send those that have changed, and fewer in a second."}, out);
  for (const View& view : views.views) {
    Subscription* subscription = find_subscription(caller.participant, view.track);
    if (!subscription) {
      state.counters.add(HubCounter::view_ignored);
    } else if (subscription->view != view) {
      subscription->view = view;
      tell_view(state, caller.room, caller.participant, view.track, out);
    }
  }
}

void tell_view(HubState& state, const Room& room, const Participant& participant, TrackId track, HubOutput& out) {
  const auto subscription = participant.subscriptions.find(track);
  if (subscription == participant.subscriptions.end() || !subscription->second.view) return;
  const View& view = *subscription->second.view;
  const control::SetView told{.participant = participant.id,
                              .track = track,
                              .visible = view.visible,
                              .width = view.width,
                              .height = view.height,
                              .priority = view.priority,
                              .maximum = view.maximum};
  command(state, room, told, out);
}

void subscription_changed(Participant& participant, const control::SubscriptionChanged& event, HubOutput& out) {
  if (Subscription* subscription = find_subscription(participant, event.track)) subscription->state = event;
  send(participant, message_of(event), out);
}

void quality_changed(Participant& participant, const control::QualityChanged& event, HubOutput& out) {
  Subscription* subscription = find_subscription(participant, event.track);
  if (!subscription) return;
  subscription->quality = event;
  send(participant, message_of(event), out);
}

void encodings_wanted(Participant& participant, const control::EncodingsWanted& event, HubOutput& out) {
  Track* track = participant.find(event.track);
  if (!track) return;
  track->wanted = event;
  send(participant, message_of(event), out);
}

void tell_state_again(const Participant& participant, HubOutput& out) {
  for (const Track& track : participant.tracks)
    if (track.wanted) send(participant, message_of(*track.wanted), out);
  for (const auto& [track, subscription] : participant.subscriptions) {
    if (subscription.state) send(participant, message_of(*subscription.state), out);
    if (subscription.quality) send(participant, message_of(*subscription.quality), out);
  }
}

std::optional<WhySummary> why(const HubState& state, const std::string& name, const std::string& identity) {
  const auto known = state.rooms_by_name.find(name);
  if (known == state.rooms_by_name.end()) return std::nullopt;
  const Room& room = state.rooms.at(known->second);
  const Participant* person = find_person(room, identity);
  if (!person) return std::nullopt;
  WhySummary summary{room.name, person->identity, person->name, {}};
  for (const auto& [track, subscription] : person->subscriptions)
    summary.entries.push_back(entry_of(room.participants.at(room.published.at(track)), track, subscription));
  return summary;
}

}  // namespace parley::signaling
