#pragma once
// What a client and the Hub say to each other, as plain values. PROTOCOL.md explains each; dialects (json.hpp, whip.hpp)
// translate between these and what is on the wire, and do nothing else.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sfu/base/result.hpp"
#include "sfu/control/types.hpp"
#include "signaling/auth.hpp"
#include "signaling/ice_server.hpp"
#include "signaling/limits.hpp"
#include "signaling/people.hpp"
#include "signaling/request.hpp"

namespace parley::signaling {

namespace message {

struct Offer {
  std::uint32_t revision = 0;
  std::string sdp;
  struct Section {
    std::string mid;
    TrackId track;
    ParticipantId participant;
    bool operator==(const Section&) const = default;
  };
  std::vector<Section> tracks;
  bool replace = false;
};
/// A text of before one came. Its author may have left.
struct ChatEntry {
  ParticipantId participant;
  std::string name;
  std::string text;
  Time time{};
};
struct Joined {
  std::string session;
  Duration resume_window{};
  std::string room;
  ParticipantInfo participant;
  std::vector<ParticipantInfo> participants;
  Permissions permissions;
  RoomPolicy policy;
  std::vector<ChatEntry> chat;  ///< oldest first
  std::vector<IceServer> ice_servers;
  Limits limits;
};
struct Resumed {
  ParticipantInfo participant;
  std::vector<ParticipantInfo> participants;
  RoomPolicy policy;
  std::vector<IceServer> ice_servers;
  std::optional<Offer> offer;
};
struct Published {
  struct Section {
    std::string mid;
    TrackId track;
    bool operator==(const Section&) const = default;
  };
  std::string sdp;
  std::vector<Section> tracks;
};
struct Ok {};
struct Pong {};
struct Subscription {
  TrackId track;
  control::SubscriptionState state = control::SubscriptionState::waiting;
  std::string reason;
  std::string message;
};
struct Quality {
  TrackId track;
  control::Picture current;
  control::Picture wanted;
  control::Limit limit = control::Limit::none;
  std::uint64_t estimate_bits_per_second = 0;  ///< of the whole connection; 0: not known yet
};
/// To a publisher: what of its track somebody watches.
struct Encodings {
  TrackId track;
  std::vector<std::string> rids;
  bool any = true;
};
/// New credentials, before the old ones expire: for the next connection and the next ICE restart.
struct IceServers {
  std::vector<IceServer> servers;
};
struct Candidate {
  control::Connection connection = control::Connection::publishing;
  std::string candidate;
};
struct Connection {
  control::Connection connection = control::Connection::publishing;
  control::ConnectionState state = control::ConnectionState::connecting;
};
struct Moved {};
struct ParticipantJoined {
  ParticipantInfo participant;
};
struct ParticipantUpdated {
  ParticipantInfo participant;
};
enum class LeftReason : std::uint8_t { left, lost, replaced, removed };
struct ParticipantLeft {
  ParticipantId participant;
  LeftReason reason = LeftReason::left;
};
struct TrackPublished {
  ParticipantId participant;
  TrackInfo track;
};
struct TrackUpdated {
  ParticipantId participant;
  TrackInfo track;
};
struct TrackUnpublished {
  ParticipantId participant;
  TrackId track;
};
struct Speakers {
  struct Speaker {
    ParticipantId participant;
    double level = 0;  ///< 0 silent … 1 loudest
  };
  std::vector<Speaker> speakers;  ///< loudest first
};
struct Chat {
  ParticipantId participant;
  std::string text;
  Time time{};
  bool is_private = false;
};
/// Before the answer to a join: somebody has to let this one in.
struct Waiting {};
/// To administrators: everybody who waits.
struct Lobby {
  struct Person {
    ParticipantId participant;  ///< only for Admit and Deny, until they have come in
    std::string identity;
    std::string name;
  };
  std::vector<Person> waiting;  ///< in the order in which they came
};
struct RoomChanged {
  RoomPolicy policy;
};
struct Direct {
  ParticipantId participant;  ///< from whom
  std::string purpose;
  std::string kind;
  std::string payload;
};
struct Failed {
  Error error;
};
enum class ClosedCode : std::uint8_t { replaced, removed, room_closed, server_stopping, left };
/// The last message that a client gets.
struct Closed {
  ClosedCode code = ClosedCode::left;
  std::string message;
};
/// The answer to request::Play.
struct Playing {
  std::string sdp;
};
/// The answer to request::RestartIce.
struct Restarted {
  std::string ufrag;
  std::string password;
  std::vector<std::string> candidates;
};

}  // namespace message

using Message = std::variant<message::Joined, message::Resumed, message::Published, message::Ok, message::Pong, message::Offer,
                             message::Subscription, message::Quality, message::Encodings, message::IceServers, message::Candidate,
                             message::Connection, message::Moved, message::ParticipantJoined, message::ParticipantUpdated,
                             message::ParticipantLeft, message::TrackPublished, message::TrackUpdated, message::TrackUnpublished,
                             message::Speakers, message::Chat, message::Waiting, message::Lobby, message::RoomChanged,
                             message::Direct, message::Failed, message::Closed, message::Playing, message::Restarted>;

/// A message on its way to a client; `mark` is that of the request which it answers, or empty.
struct ToClient {
  ClientId client;
  std::string mark;
  Message message;
};

}  // namespace parley::signaling
