#pragma once
// What a client and the Hub say to each other, as plain values. PROTOCOL.md explains each; dialects (json.hpp, whip.hpp)
// translate between these and what is on the wire, and do nothing else.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/base/result.hpp"
#include "sfu/control/types.hpp"
#include "signaling/auth.hpp"
#include "signaling/ice_server.hpp"
#include "signaling/limits.hpp"
#include "signaling/view.hpp"

namespace parley::signaling {

/// A connection of a client's: a WebSocket, or a WHIP or WHEP session. Handed out by the driver, never twice.
using ClientId = Id<struct ClientTag>;

using Attributes = std::map<std::string, std::string>;

enum class Source : std::uint8_t { microphone, camera, screen, screen_audio, other };

struct TrackInfo {
  TrackId track;
  control::Kind kind = control::Kind::audio;
  Source source = Source::other;
  std::string name;
  bool muted = false;
  std::string codec;
  bool simulcast = false;
  bool operator==(const TrackInfo&) const = default;
};

struct ParticipantInfo {
  ParticipantId participant;
  std::string identity;
  std::string name;
  Attributes attributes;
  bool reconnecting = false;
  std::vector<TrackInfo> tracks;  ///< in the order in which they were published
  bool operator==(const ParticipantInfo&) const = default;
};

/// What a room's administrators have decided of it.
struct RoomPolicy {
  bool locked = false;  ///< nobody new gets in
  bool lobby = false;   ///< newcomers wait until somebody lets them in
  bool direct = true;   ///< browsers may connect to each other
  bool operator==(const RoomPolicy&) const = default;
};

/// How somebody takes part.
enum class Presence : std::uint8_t {
  conversation,  ///< a page: sends and receives, may come back after a lost connection
  publisher,     ///< WHIP: sends, is announced, leaves with its connection
  viewer,        ///< WHEP: receives on a connection that it offers itself, is not announced
};

namespace request {

struct Join {
  std::string token;
  std::string room;  ///< empty, or the room that the token must be for
  std::string name;  ///< used when the token has none
  Attributes attributes;
  bool auto_subscribe = true;
  Presence presence = Presence::conversation;
  std::string only;  ///< auto-subscribe to nobody but the participant with this identity; empty: to everybody
};
struct Resume {
  std::string session;
};
struct PublishedSection {
  std::string mid;
  Source source = Source::other;
  std::string name;
  bool muted = false;
  bool stereo = false;
  bool dtx = false;
};
struct Publish {
  std::string sdp;
  std::vector<PublishedSection> tracks;
  bool replace = false;
};
struct Unpublish {
  TrackId track;
};
struct Mute {
  TrackId track;
  bool muted = false;
};
struct Subscribe {
  TrackId track;
};
struct Unsubscribe {
  TrackId track;
};
struct SetViews {
  std::vector<View> views;
};
struct Answer {
  std::uint32_t revision = 0;
  std::string sdp;
};
struct Candidate {
  control::Connection connection = control::Connection::publishing;
  std::string candidate;
};
struct Restart {
  bool replace = false;
};
struct Chat {
  std::string text;
  std::optional<ParticipantId> to;  ///< nobody in particular: everybody
};
struct Update {
  std::optional<std::string> name;
  std::optional<Attributes> attributes;  ///< takes the place of all earlier ones
};
struct Leave {};
struct Ping {};
struct Remove {
  ParticipantId participant;
};
struct MuteOther {
  TrackId track;
};
/// Of the room's policy, what is to change.
struct SetRoom {
  std::optional<bool> locked;
  std::optional<bool> lobby;
  std::optional<bool> direct;
};
struct Admit {
  ParticipantId participant;  ///< as the lobby names it
};
struct Deny {
  ParticipantId participant;
};
/// To one browser: what it needs to connect to this one directly. The server reads none of it.
struct Direct {
  ParticipantId to;
  std::string purpose;
  std::string kind;
  std::string payload;
};
/// WHEP's offer of the receiving connection.
struct Play {
  std::string sdp;
};
/// WHIP's and WHEP's ICE restart.
struct RestartIce {
  control::Connection connection = control::Connection::publishing;
  std::string ufrag;
  std::string password;
};

}  // namespace request

using Request =
    std::variant<request::Join, request::Resume, request::Publish, request::Unpublish, request::Mute, request::Subscribe,
                 request::Unsubscribe, request::SetViews, request::Answer, request::Candidate, request::Restart, request::Chat,
                 request::Update, request::Leave, request::Ping, request::Remove, request::MuteOther, request::SetRoom,
                 request::Admit, request::Deny, request::Direct, request::Play, request::RestartIce>;

/// A request with the mark that its reply shall carry. The mark means something to the dialect only; empty: none.
struct RequestMessage {
  std::string mark;
  Request request;
};

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
