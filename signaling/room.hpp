#pragma once
// A room: the tree of its participants, and the one list of who publishes what.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sfu/control/command.hpp"
#include "signaling/hub.hpp"
#include "signaling/participant.hpp"

namespace parley::signaling {

struct Room {
  RoomId id;
  std::string name;
  std::optional<WorkerId> worker;  ///< nothing while it waits for one, after its own has died
  Time waiting_until = never;
  std::map<ParticipantId, Participant> participants;
  /// Every track of the room and its publisher, in the order in which they were published.
  std::map<TrackId, ParticipantId> published;
  /// The newest publish of each participant that came while the room had no worker.
  std::map<ParticipantId, control::CommandMessage> held;

  Participant* find(ParticipantId participant);
  /// The one that a newcomer with this identity takes over from. Viewers compete with viewers only: a page and a player
  /// may share a token.
  Participant* find_rival(const std::string& identity, Presence presence);
  Participant* publisher_of(TrackId track);
  /// Everybody that `viewer` may know of, but not itself.
  std::vector<ParticipantInfo> others(ParticipantId viewer) const;

  /// These two are the only ones that change `published` and `Participant::tracks`.
  Track& link(Participant& publisher, Track track);
  /// Nobody is subscribed to it afterwards.
  void unlink(Participant& publisher, TrackId track);
};

}  // namespace parley::signaling
