#pragma once
// A room: the tree of its participants, and the one list of who publishes what.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sfu/control/command.hpp"
#include "signaling/chat_history.hpp"
#include "signaling/hub.hpp"
#include "signaling/participant.hpp"

namespace parley::signaling {

/// Somebody in the lobby: all that their join takes up again when they are let in.
struct Waiting {
  ClientId client;
  std::string mark;
  request::Join join;
  Grant grant;

  const std::string& name() const { return grant.name.empty() ? join.name : grant.name; }
};

struct Room {
  /// Of how many people it remembers that they have been in: they come back past lock and lobby.
  static constexpr std::size_t remembered_limit = 1000;

  RoomId id;
  std::string name;
  std::optional<WorkerId> worker;  ///< nothing while it waits for one, after its own has died
  Time waiting_until = never;
  std::map<ParticipantId, Participant> participants;
  /// Every track of the room and its publisher, in the order in which they were published.
  std::map<TrackId, ParticipantId> published;
  /// The newest publish of each participant that came while the room had no worker.
  std::map<ParticipantId, control::CommandMessage> held;
  RoomPolicy policy;
  std::map<ParticipantId, Waiting> waiting;  ///< none of them is a participant yet
  std::set<std::string> remembered;          ///< identities of those who were in it, unless they were removed
  ChatHistory chat;

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
