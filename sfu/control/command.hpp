#pragma once
// Everything that the front says to a worker. Commands carry ids and text, no pointers: they cross a process boundary.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sfu/control/types.hpp"

namespace parley::control {

/// A participant may exist before it has any connection. Added twice: answered with Refused "participant_exists".
struct AddParticipant {
  RoomId room;
  ParticipantId participant;
  std::string cname;  ///< RTCP CNAME under which its tracks are sent on, one per publisher (lip sync)
  bool publishes_data = true;  ///< may send on data topics; anybody may receive
  bool hidden = false;         ///< nobody is told of it: it cannot be named as a receiver of data, and sends none
  bool operator==(const AddParticipant&) const = default;
};
/// Ends its connections, publications and subscriptions. An unknown participant is ignored.
struct RemoveParticipant {
  ParticipantId participant;
  bool operator==(const RemoveParticipant&) const = default;
};
/// An offer for the publishing connection: the first makes it, later ones renegotiate it (or restart ICE).
/// Answered by Published or Refused. Sections that send and are in `tracks` get those ids; the others take ids
/// from `spare` in order (WHIP announces no tracks). `replace` forgets an earlier publishing connection first.
struct Publish {
  ParticipantId participant;
  std::string offer;
  std::vector<TrackRequest> tracks;
  std::vector<TrackId> spare;
  bool replace = false;
  bool operator==(const Publish&) const = default;
};
struct Unpublish {
  ParticipantId participant;
  TrackId track;
  bool operator==(const Unpublish&) const = default;
};
/// A muted track is not forwarded, whatever its publisher still sends.
struct Mute {
  TrackId track;
  bool muted = false;
  bool operator==(const Mute&) const = default;
};
/// Followed, when it needs negotiation, by an Offered. Progress is told by SubscriptionChanged.
struct Subscribe {
  ParticipantId participant;
  TrackId track;
  bool operator==(const Subscribe&) const = default;
};
struct Unsubscribe {
  ParticipantId participant;
  TrackId track;
  bool operator==(const Unsubscribe&) const = default;
};
/// The client's answer to the Offered with this revision. An answer to an older revision is Refused "stale_answer".
struct AcceptAnswer {
  ParticipantId participant;
  std::uint32_t revision = 0;
  std::string answer;
  bool operator==(const AcceptAnswer&) const = default;
};
/// WHEP: the client offers the receiving connection. Its sections are filled by later Subscribes in their order.
/// Answered by Playing or Refused.
struct Play {
  ParticipantId participant;
  std::string offer;
  bool operator==(const Play&) const = default;
};
/// Makes the worker offer the receiving connection again: with new ICE credentials, or, with `replace`, as an
/// entirely new connection (the client has thrown its old one away).
struct Renegotiate {
  ParticipantId participant;
  bool replace = false;
  bool operator==(const Renegotiate&) const = default;
};
/// A trickled candidate of the client's (RFC 8838). An ICE-lite worker learns addresses from the checks, so this is
/// only checked for shape; a `.local` name or garbage is ignored.
struct AddCandidate {
  ParticipantId participant;
  Connection connection = Connection::publishing;
  std::string candidate;
  bool operator==(const AddCandidate&) const = default;
};
/// WHIP/WHEP PATCH with new credentials (RFC 9725 section 4.3.2): answered by Restarted or Refused.
struct RestartIce {
  ParticipantId participant;
  Connection connection = Connection::publishing;
  std::string ufrag;
  std::string password;
  bool operator==(const RestartIce&) const = default;
};

/// How a client shows a track that it is subscribed to. Holds until the next one for the track or the end of the subscription;
/// until the first one, the track counts as visible, of any size. For a subscription that is not there (any more) it is ignored.
struct SetView {
  ParticipantId participant;
  TrackId track;
  bool visible = true;
  std::uint32_t width = 0;  ///< device pixels; 0: not known, as large as there is
  std::uint32_t height = 0;
  std::uint8_t priority = 100;  ///< 255 is the most important
  MaximumLayers maximum;
  bool operator==(const SetView&) const = default;
};

using Command = std::variant<AddParticipant, RemoveParticipant, Publish, Unpublish, Mute, Subscribe, Unsubscribe, AcceptAnswer,
                             Play, Renegotiate, AddCandidate, RestartIce, SetView>;

/// A command on its way. The event that answers it carries the same request.
struct CommandMessage {
  RequestId request;
  Command command;
};

}  // namespace parley::control
