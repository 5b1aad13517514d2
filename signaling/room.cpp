#include "signaling/room.hpp"

#include <algorithm>

namespace parley::signaling {

Participant* Room::find(ParticipantId participant) {
  const auto found = participants.find(participant);
  return found == participants.end() ? nullptr : &found->second;
}

Participant* Room::find_rival(const std::string& identity, Presence presence) {
  const bool viewer = presence == Presence::viewer;
  for (auto& [key, participant] : participants)
    if (participant.identity == identity && (participant.presence == Presence::viewer) == viewer) return &participant;
  return nullptr;
}

Participant* Room::publisher_of(TrackId track) {
  const auto found = published.find(track);
  return found == published.end() ? nullptr : find(found->second);
}

std::vector<ParticipantInfo> Room::others(ParticipantId viewer) const {
  std::vector<ParticipantInfo> infos;
  for (const auto& [key, participant] : participants)
    if (key != viewer && participant.is_announced()) infos.push_back(participant.info());
  return infos;
}

Track& Room::link(Participant& publisher, Track track) {
  published[track.info.track] = publisher.id;
  return publisher.tracks.emplace_back(std::move(track));
}

void Room::unlink(Participant& publisher, TrackId track) {
  published.erase(track);
  std::erase_if(publisher.tracks, [&](const Track& known) { return known.info.track == track; });
  for (auto& [key, participant] : participants) participant.subscriptions.erase(track);
}

}  // namespace parley::signaling
