#pragma once
// Who is in a room, what they publish, and what its administrators have decided, as everybody there is told.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/control/types.hpp"

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

}  // namespace parley::signaling
