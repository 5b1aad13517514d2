#include "signaling/publishing.hpp"

#include <algorithm>
#include <set>

#include "signaling/subscribing.hpp"
#include "signaling/text.hpp"

namespace parley::signaling {
namespace {

using request::PublishedSection;

std::optional<Error> check_publish(const Limits& limits, const Participant& participant, const request::Publish& publish) {
  // Without tracks it is a connection for data, on which anybody may listen.
  if (!participant.may_publish() && !publish.tracks.empty()) return Error{"not_allowed", "The token does not permit publishing."};
  if (publish.tracks.size() > limits.tracks_per_participant)
    return Error{"too_many_tracks", "At most " + std::to_string(limits.tracks_per_participant) + " tracks can be published."};
  std::set<std::string_view> mids;
  for (const PublishedSection& section : publish.tracks) {
    if (!mids.insert(section.mid).second) return Error{"message_invalid", "Two tracks have the same mid."};
    if (!section.name.empty() && !is_good_name(section.name))
      return Error{"message_invalid", "A track's name is too long, or has control characters."};
  }
  return std::nullopt;
}

/// The same section of the same connection, or, on a new connection, the same device, stays the same track: the others'
/// subscriptions go on. A section of a publish that is not answered yet has its track already.
TrackId track_for(HubState& state, const Participant& participant, const PublishedSection& section, bool replace,
                  const std::set<TrackId>& taken) {
  const auto find = [&](auto fits) {
    return std::ranges::find_if(participant.tracks, [&](const Track& track) {
      return track.info.source == section.source && !taken.contains(track.info.track) && fits(track);
    });
  };
  auto found = find([&](const Track& track) { return track.mid == section.mid; });
  if (found == participant.tracks.end() && replace)
    found = find([&](const Track& track) { return track.info.name == section.name; });
  if (found != participant.tracks.end()) return found->info.track;
  for (const auto& [track, earlier] : participant.announced)
    if (!replace && earlier.mid == section.mid && earlier.source == section.source) return track;
  return state.next_track();
}

/// The command. What the client said of each track is remembered for the worker's answer.
control::Publish make_command(HubState& state, Participant& participant, const request::Publish& publish) {
  control::Publish command{participant.id, publish.sdp, {}, {}, publish.replace};
  std::vector<std::pair<TrackId, PublishedSection>> announced;
  std::set<TrackId> taken;
  for (const PublishedSection& section : publish.tracks) {
    const TrackId track = track_for(state, participant, section, publish.replace, taken);
    taken.insert(track);
    command.tracks.push_back({section.mid, track, section.stereo, section.dtx, section.source == Source::screen});
    announced.emplace_back(track, section);
  }
  participant.announced = std::move(announced);
  // WHIP says nothing of its sections; whoever speaks JSON lists them all.
  while (participant.presence == Presence::publisher &&
         command.tracks.size() + command.spare.size() < state.settings.limits.tracks_per_participant)
    command.spare.push_back(state.next_track());
  return command;
}

/// While the room has no worker, the newest publish waits for one; an older one that waited is refused.
void hold(Time now, HubState& state, const Caller& caller, control::Publish command, Pending pending, HubOutput& out) {
  if (const auto held = caller.room.held.find(caller.participant.id); held != caller.room.held.end()) {
    if (const auto older = state.pending.take(held->second.request))
      refuse(state, older->client, older->mark, {"server_busy", "A newer publish has taken this one's place."}, out);
  }
  const RequestId request{++state.last_request};
  pending.deadline = now + state.settings.limits.worker_deadline;
  state.pending.add(request, std::move(pending));
  caller.room.held[caller.participant.id] = {request, std::move(command)};
}

const PublishedSection* section_of(const Participant& participant, TrackId track) {
  const auto found = std::ranges::find(participant.announced, track, &std::pair<TrackId, PublishedSection>::first);
  return found == participant.announced.end() ? nullptr : &found->second;
}

TrackInfo describe(const Participant& participant, const control::PublishedTrack& track, const TrackInfo* known,
                   const PublishedSection* section) {
  TrackInfo info = known ? *known : TrackInfo{.track = track.track, .kind = track.kind, .name = {}, .codec = {}};
  if (!known) info.source = usual_source(participant, track.kind);
  if (section) {
    info.source = section->source;
    info.name = section->name;
    info.muted = section->muted;
  }
  info.kind = track.kind;
  info.codec = track.codec;
  info.simulcast = track.simulcast;
  return info;
}

void add_track(Time now, HubState& state, Room& room, Participant& participant, Track track, HubOutput& out) {
  const TrackInfo info = room.link(participant, std::move(track)).info;
  if (participant.is_announced()) broadcast(room, participant.id, message::TrackPublished{participant.id, info}, out);
  subscribe_everybody(now, state, room, participant, info.track, out);
}

void update_track(Time now, HubState& state, Room& room, Participant& participant, Track& track, TrackInfo info, HubOutput& out) {
  const bool changed = track.info != info;
  track.info = std::move(info);
  if (changed && participant.is_announced())
    broadcast(room, participant.id, message::TrackUpdated{participant.id, track.info}, out);
  if (!std::exchange(track.live, true)) subscribe_again(now, state, room, track.info.track, out);
}

void remove_track(Room& room, Participant& participant, TrackId track, HubOutput& out) {
  room.unlink(participant, track);
  std::erase_if(participant.announced, [&](const auto& entry) { return entry.first == track; });
  if (participant.is_announced()) broadcast(room, participant.id, message::TrackUnpublished{participant.id, track}, out);
}

/// The worker forgets what is muted when a track is new to it, so it is told whenever that may be.
void apply_mute(HubState& state, const Room& room, const TrackInfo& before, const TrackInfo& after, bool was_live,
                HubOutput& out) {
  if (after.muted != (was_live && before.muted)) command(state, room, control::Mute{after.track, after.muted}, out);
}

void accept_track(Time now, HubState& state, Room& room, Participant& participant, const control::PublishedTrack& published,
                  const PublishedSection* section, HubOutput& out) {
  Track* known = participant.find(published.track);
  const TrackInfo before = known ? known->info : TrackInfo{};
  const bool was_live = known && known->live;
  TrackInfo after = describe(participant, published, known ? &known->info : nullptr, section);
  apply_mute(state, room, before, after, was_live, out);
  if (!known) return add_track(now, state, room, participant, {std::move(after), published.mid, true}, out);
  known->mid = published.mid;
  update_track(now, state, room, participant, *known, std::move(after), out);
}

void set_muted(HubState& state, Room& room, Participant& owner, Track& track, bool muted, ParticipantId by, HubOutput& out) {
  if (track.info.muted == muted) return;
  track.info.muted = muted;
  if (track.live) command(state, room, control::Mute{track.info.track, muted}, out);
  if (owner.is_announced()) broadcast(room, by, message::TrackUpdated{owner.id, track.info}, out);
}

Error track_unknown() { return {"track_unknown", "There is no such track."}; }

}  // namespace

void publish(Time now, HubState& state, const Caller& caller, const request::Publish& publish, HubOutput& out) {
  if (auto error = check_publish(state.settings.limits, caller.participant, publish)) return refuse(state, caller, *error, out);
  Pending pending{.kind = Pending::Kind::publish,
                  .participant = caller.participant.id,
                  .client = caller.client,
                  .mark = caller.mark,
                  .track = {}};
  control::Publish given = make_command(state, caller.participant, publish);
  if (!caller.room.worker) return hold(now, state, caller, std::move(given), std::move(pending), out);
  command(now, state, caller.room, std::move(given), std::move(pending), out);
}

void unpublish(HubState& state, const Caller& caller, const request::Unpublish& unpublish, HubOutput& out) {
  if (!caller.participant.find(unpublish.track)) return refuse(state, caller, track_unknown(), out);
  const RequestId request = command(state, caller.room, control::Unpublish{caller.participant.id, unpublish.track}, out);
  caller.participant.ended[unpublish.track] = request;
  reply(caller, message::Ok{}, out);
  remove_track(caller.room, caller.participant, unpublish.track, out);
}

void mute(HubState& state, const Caller& caller, const request::Mute& mute, HubOutput& out) {
  Track* track = caller.participant.find(mute.track);
  if (!track) return refuse(state, caller, track_unknown(), out);
  reply(caller, message::Ok{}, out);
  set_muted(state, caller.room, caller.participant, *track, mute.muted, caller.participant.id, out);
}

void mute_other(HubState& state, const Caller& caller, const request::MuteOther& mute, HubOutput& out) {
  if (!caller.participant.permissions.room_admin)
    return refuse(state, caller, {"not_allowed", "Only a room's administrator may mute others."}, out);
  Participant* owner = caller.room.publisher_of(mute.track);
  if (!owner) return refuse(state, caller, track_unknown(), out);
  reply(caller, message::Ok{}, out);
  set_muted(state, caller.room, *owner, *owner->find(mute.track), true, ParticipantId{}, out);
}

void restart_ice(Time now, HubState& state, const Caller& caller, const request::RestartIce& restart, HubOutput& out) {
  command(now, state, caller.room,
          control::RestartIce{caller.participant.id, restart.connection, restart.ufrag, restart.password},
          {.kind = Pending::Kind::restart_ice,
           .participant = caller.participant.id,
           .client = caller.client,
           .mark = caller.mark,
           .track = {}},
          out);
}

void published(Time now, HubState& state, const Subject& subject, const control::Published& event, HubOutput& out) {
  Room& room = subject.room;
  Participant& participant = subject.participant;
  participant.has_publishing_connection = true;
  participant.republish_until = never;
  message::Published answer{event.answer, {}};
  for (const control::PublishedTrack& track : event.tracks) answer.tracks.push_back({track.mid, track.track});
  reply(participant, subject.pending, std::move(answer), out);
  std::erase_if(participant.ended, [&](const auto& entry) { return entry.second < subject.request; });
  std::set<TrackId> gone;
  for (const Track& track : participant.tracks) gone.insert(track.info.track);
  for (const control::PublishedTrack& track : event.tracks) {
    if (participant.ended.contains(track.track)) continue;
    accept_track(now, state, room, participant, track, section_of(participant, track.track), out);
    gone.erase(track.track);
  }
  for (const TrackId track : gone) remove_track(room, participant, track, out);
}

void track_started(Room& room, Participant& participant, const control::TrackStarted& event, HubOutput& out) {
  Track* track = participant.find(event.track);
  if (!track || event.codec.empty() || track->info.codec == event.codec) return;
  track->info.codec = event.codec;
  if (participant.is_announced()) broadcast(room, participant.id, message::TrackUpdated{participant.id, track->info}, out);
}

void give_up_dead_tracks(Room& room, Participant& participant, HubOutput& out) {
  participant.republish_until = never;
  std::vector<TrackId> dead;
  for (const Track& track : participant.tracks)
    if (!track.live) dead.push_back(track.info.track);
  for (const TrackId track : dead) remove_track(room, participant, track, out);
}

}  // namespace parley::signaling
