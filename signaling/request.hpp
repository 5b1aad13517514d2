#pragma once
// What a client may ask of the Hub, as plain values. PROTOCOL.md explains each.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "signaling/people.hpp"
#include "signaling/view.hpp"

namespace parley::signaling {

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

}  // namespace parley::signaling
