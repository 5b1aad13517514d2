#pragma once
// Everything that a worker says to the front.

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "sfu/control/types.hpp"

namespace parley::control {

/// The first event of a worker: its ports are open.
struct Ready {
  std::uint32_t process = 0;            ///< process id
  std::vector<std::string> candidates;  ///< "candidate:..." lines, RFC 8839 section 5.1, for both connections
  bool operator==(const Ready&) const = default;
};
/// The addresses of the machine have changed; connected clients may be told (trickle).
struct CandidatesChanged {
  std::vector<std::string> candidates;
  bool operator==(const CandidatesChanged&) const = default;
};
struct Published {
  ParticipantId participant;
  std::string answer;
  std::vector<PublishedTrack> tracks;  ///< every track of the connection as it now stands
  bool operator==(const Published&) const = default;
};
struct Offered {
  ParticipantId participant;
  std::uint32_t revision = 0;  ///< counts the offers of one connection from 1: a new connection begins again
  std::string offer;
  std::vector<OfferedTrack> tracks;  ///< every track of the connection as it now stands
  bool operator==(const Offered&) const = default;
};
struct Playing {
  ParticipantId participant;
  std::string answer;
  bool operator==(const Playing&) const = default;
};
struct Restarted {
  ParticipantId participant;
  std::string ufrag;
  std::string password;
  std::vector<std::string> candidates;
  bool operator==(const Restarted&) const = default;
};
/// Answers any command that cannot be carried out.
struct Refused {
  ParticipantId participant;
  std::string code;  ///< see base/result.hpp
  std::string message;
  bool operator==(const Refused&) const = default;
};
struct ConnectionChanged {
  ParticipantId participant;
  Connection connection = Connection::publishing;
  ConnectionState state = ConnectionState::connecting;
  bool operator==(const ConnectionChanged&) const = default;
};
/// The first media packet of a track has arrived: now it is worth telling the others.
struct TrackStarted {
  ParticipantId participant;
  TrackId track;
  std::string codec;
  bool operator==(const TrackStarted&) const = default;
};
struct SubscriptionChanged {
  ParticipantId participant;
  TrackId track;
  SubscriptionState state = SubscriptionState::waiting;
  /// For refused: "codec_unsupported", ...; for waiting: "no_free_section", ...; for paused: "bandwidth", "viewport" or "policy".
  std::string reason;
  std::string message;  ///< the same for a person: "This browser cannot decode H264."
  bool operator==(const SubscriptionChanged&) const = default;
};
/// What a subscriber gets of a track, what it would get if nothing but its own view and the publisher limited it, and what
/// decided. Told when it changes, at most every 500 ms for each subscription.
struct QualityChanged {
  ParticipantId participant;  ///< the subscriber
  TrackId track;
  Picture current;
  Picture wanted;
  Limit limit = Limit::none;
  std::uint64_t estimate_bits_per_second = 0;  ///< of the whole connection; 0: there is none yet
  bool operator==(const QualityChanged&) const = default;
};
/// The encodings of a track that somebody watches have changed: the publisher may switch the others off.
struct EncodingsWanted {
  ParticipantId participant;  ///< the publisher
  TrackId track;
  std::vector<std::string> rids;  ///< lowest first; empty for a track without simulcast
  bool any = true;                ///< somebody watches (or hears) it at all
  bool operator==(const EncodingsWanted&) const = default;
};
/// At most five a second for each room, and only when something changed. Loudest first; whoever is silent is left out.
struct SpeakersChanged {
  RoomId room;
  std::vector<Speaker> speakers;
  bool operator==(const SpeakersChanged&) const = default;
};
/// Once a second: totals since the worker started, by metric name ("rtp_received", "drop_srtp_bad_tag", ...), and
/// its load for placement.
struct Statistics {
  std::map<std::string, std::uint64_t> counters;
  std::uint32_t participants = 0;
  std::uint32_t forwarded_per_second = 0;
  bool operator==(const Statistics&) const = default;
};

using Event = std::variant<Ready, CandidatesChanged, Published, Offered, Playing, Restarted, Refused, ConnectionChanged,
                           TrackStarted, SubscriptionChanged, QualityChanged, EncodingsWanted, SpeakersChanged, Statistics>;

/// An event on its way; `request` is that of the command which it answers, or 0.
struct EventMessage {
  RequestId request;
  Event event;
};

}  // namespace parley::control
