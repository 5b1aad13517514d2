#include "signaling/participant.hpp"

#include <algorithm>

namespace parley::signaling {

bool Participant::has_dead_tracks() const {
  return std::ranges::any_of(tracks, [](const Track& track) { return !track.live; });
}

bool Participant::auto_subscribes_to(const Participant& publisher) const {
  return auto_subscribe && receiving && permissions.can_subscribe && publisher.id != id &&
         (only.empty() || only == publisher.identity);
}

Track* Participant::find(TrackId track) {
  const auto found = std::ranges::find(tracks, track, [](const Track& known) { return known.info.track; });
  return found == tracks.end() ? nullptr : &*found;
}

ParticipantInfo Participant::info() const {
  ParticipantInfo info{.participant = id,
                       .identity = identity,
                       .name = name,
                       .attributes = attributes,
                       .reconnecting = !client.has_value(),
                       .tracks = {}};
  for (const Track& track : tracks) info.tracks.push_back(track.info);
  return info;
}

Source usual_source(const Participant& participant, control::Kind kind) {
  const Source usual = kind == control::Kind::audio ? Source::microphone : Source::camera;
  const bool taken = std::ranges::any_of(participant.tracks, [&](const Track& track) { return track.info.source == usual; });
  return taken ? Source::other : usual;
}

}  // namespace parley::signaling
