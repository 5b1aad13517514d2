#pragma once
// Every limit that the front puts on the people outside, in one place. Each is an option of `parley serve` (config.cpp
// gives the default's reason there too); each refusal is counted here and exported by /metrics.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "sfu/base/counters.hpp"
#include "sfu/base/time.hpp"

namespace parley::signaling {

struct Limits {
  /// Everybody receives from everybody: 200 people with two tracks are 79 600 streams, about what one core forwards
  /// when speakers are few.
  std::uint32_t participants_per_room = 200;
  /// Bounds what somebody with a permissive token server can make us remember.
  std::uint32_t rooms = 1000;
  /// Camera, microphone, screen with sound, and three spare devices of each kind.
  std::uint32_t tracks_per_participant = 16;
  /// An offer with 200 receiving sections is about 200 KiB.
  std::uint32_t message_bytes = 256 * 1024;
  /// A long paragraph; more belongs into a file.
  std::uint32_t chat_bytes = 4096;
  /// A browser that joins a full room sends candidates and answers in bursts, and a handful a second afterwards.
  std::uint32_t messages_per_second = 50;
  std::uint32_t message_burst = 200;
  /// Each view makes a worker share out a connection anew. A page whose tiles all move tells a hundred of them three times a
  /// second.
  std::uint32_t views_per_second = 500;
  /// Entering a full room, and showing everybody there.
  std::uint32_t view_burst = 1000;
  /// WebSockets and sessions of WHIP and WHEP. A school or an office behind one NAT is one address, and so is an IPv6 /64.
  std::uint32_t connections_per_address = 64;
  /// Of TCP to the web server, which counts its refusals itself. An open page has two or three, and an idle WebSocket over TLS
  /// takes 33 KiB: 130 MiB when all are taken.
  std::uint32_t connections = 4000;
  /// In the lobby of a room: more than anybody lets in by hand.
  std::uint32_t waiting_per_room = 100;
  /// How long a connection may stay without having joined: a slow phone's round trips, not a parked socket.
  Duration join_deadline = seconds(10);
  /// How long a participant stays without its WebSocket: a change from Wi-Fi to mobile takes about 10 s.
  Duration resume_window = seconds(15);
  /// How long a worker may take to answer a command, or a room may wait for a worker, before the client is told.
  Duration worker_deadline = seconds(10);
};

/// Attributes are shown to everybody, so they are small. Part of the protocol, not configurable.
inline constexpr std::size_t attribute_count_limit = 16;
inline constexpr std::size_t attribute_bytes_limit = 1024;
/// Rooms' and people's names: long enough for any name, short enough for any list.
inline constexpr std::size_t name_bytes_limit = 128;

/// What one browser tells another so that they connect: a description of some 20 tracks is 30 KiB.
inline constexpr std::size_t direct_payload_limit = 64 * 1024;
inline constexpr std::size_t direct_word_limit = 16;

/// Views in one message: what one connection can receive.
inline constexpr std::size_t views_limit = 256;
/// Pixels of a tile in either direction: a wall of screens. More is a mistake.
inline constexpr std::uint32_t view_pixels_limit = 16384;

/// What a client was refused for, and other events worth a graph.
#define PARLEY_HUB_COUNTERS(COUNTER)                                        \
  COUNTER(clients_opened)                                                   \
  COUNTER(clients_closed)                                                   \
  COUNTER(joined)                                                           \
  COUNTER(left)                                                             \
  COUNTER(lost)     /* did not come back in time */                         \
  COUNTER(replaced) /* the same identity joined again */                    \
  COUNTER(resumed)                                                          \
  COUNTER(moved) /* participants whose worker died */                       \
  COUNTER(requests)                                                         \
  COUNTER(token_refused)                                                    \
  COUNTER(message_invalid)                                                  \
  COUNTER(message_too_large)                                                \
  COUNTER(too_many_messages)                                                \
  COUNTER(too_many_views)                                                   \
  COUNTER(view_ignored) /* of a track to which there is no subscription */  \
  COUNTER(too_many_connections)                                             \
  COUNTER(too_many_rooms)                                                   \
  COUNTER(too_many_tracks)                                                  \
  COUNTER(waited) /* in a lobby */                                          \
  COUNTER(room_locked)                                                      \
  COUNTER(lobby_full)                                                       \
  COUNTER(not_admitted)                                                     \
  COUNTER(direct_off)                                                       \
  COUNTER(room_full)                                                        \
  COUNTER(join_deadline)                                                    \
  COUNTER(not_allowed)                                                      \
  COUNTER(server_busy)    /* no worker, or it did not answer in time */     \
  COUNTER(worker_refused) /* a command that a worker could not carry out */ \
  COUNTER(workers_lost)

enum class HubCounter : std::uint8_t {
#define PARLEY_COUNTER(name) name,
  PARLEY_HUB_COUNTERS(PARLEY_COUNTER)
#undef PARLEY_COUNTER
      count_
};
std::string_view name(HubCounter counter);

/// Tokens drip in at `rate` a second up to `burst`; each message, or each part of one, takes one.
class TokenBucket {
 public:
  TokenBucket(std::uint32_t rate, std::uint32_t burst) : rate_(rate), burst_(burst), tokens_(burst) {}
  /// False when there are not as many left; then none is taken.
  bool take(Time now, std::size_t count = 1) {
    const double elapsed = std::chrono::duration<double>(now - std::min(now, filled_)).count();
    tokens_ = std::min<double>(burst_, tokens_ + elapsed * rate_);
    filled_ = now;
    if (tokens_ < static_cast<double>(count)) return false;
    tokens_ -= static_cast<double>(count);
    return true;
  }

 private:
  double rate_;
  double burst_;
  double tokens_;
  Time filled_{};
};

}  // namespace parley::signaling
