#pragma once
// The words that the front (signaling) and a worker (sfu) have in common.

#include <cstdint>
#include <string>
#include <vector>

#include "sfu/base/ids.hpp"

namespace parley::control {

enum class Kind : std::uint8_t { audio, video };

/// Which of a participant's two peer connections: the one on which it publishes (the client offers), or the one on
/// which it receives (the worker offers; in WHEP the client does).
enum class Connection : std::uint8_t { publishing, subscribing };

enum class ConnectionState : std::uint8_t {
  connecting,    ///< no valid ICE check yet, or the DTLS handshake is under way
  connected,     ///< media can flow
  disconnected,  ///< consent has expired (RFC 7675); an ICE restart revives it
  failed,        ///< DTLS failed, or the fingerprint was wrong: only a new connection helps
};

enum class SubscriptionState : std::uint8_t {
  waiting,  ///< accepted; nothing sent yet (no free section, not negotiated, or no key frame so far)
  active,   ///< media is being sent
  paused,   ///< nothing is being sent for now: `reason` is "bandwidth", "viewport" or "policy"
  refused,  ///< cannot be sent: `reason` says why
};

/// What a client says of a section that it publishes.
struct TrackRequest {
  std::string mid;  ///< the section in the offer
  TrackId track;
  bool stereo = false;  ///< ask the browser for stereo Opus (it sends mono unless the answer asks)
  bool dtx = false;     ///< ask the browser for Opus silence suppression
  bool screen = false;  ///< a shared screen, whose lowest layer comes before anybody's camera
  bool operator==(const TrackRequest&) const = default;
};

struct PublishedTrack {
  TrackId track;
  std::string mid;
  Kind kind = Kind::audio;
  std::string codec;  ///< the first agreed codec, "VP8"; the client may send any agreed one
  bool simulcast = false;
  bool operator==(const PublishedTrack&) const = default;
};

/// Which section of the receiving connection carries which track.
struct OfferedTrack {
  std::string mid;
  TrackId track;
  bool operator==(const OfferedTrack&) const = default;
};

/// What decided that a subscription gets what it gets, and not more.
enum class Limit : std::uint8_t {
  none,       ///< it gets everything that there is
  bandwidth,  ///< more does not fit into the way to this subscriber
  viewport,   ///< it is shown small or not at all, or the client has set a maximum
  publisher,  ///< its publisher sends no more (its own network, its browser's choice, a camera that has no more)
  cpu,        ///< its publisher's or subscriber's processor has no time for more
  policy,     ///< last-N, or the number of audible speakers
};

/// The best layers that a client takes of a track, counted from the lowest, 0.
struct MaximumLayers {
  static constexpr std::uint8_t unlimited = 255;
  std::uint8_t encoding = unlimited;
  std::uint8_t spatial = unlimited;
  std::uint8_t temporal = unlimited;
  bool operator==(const MaximumLayers&) const = default;
};

/// What of a track a subscriber gets, or is to get. Of sound only `bits_per_second` and `paused` mean something.
struct Picture {
  std::uint8_t encoding = 0;  ///< simulcast, in the order of the offer's rids: 0 is the smallest
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  std::uint16_t width = 0;  ///< 0: unknown
  std::uint16_t height = 0;
  std::uint64_t bits_per_second = 0;
  bool paused = false;
  bool operator==(const Picture&) const = default;
};

struct Speaker {
  ParticipantId participant;
  std::uint8_t level = 127;  ///< -dBov as in RFC 6464: 0 is the loudest, 127 is silence
  bool operator==(const Speaker&) const = default;
};

}  // namespace parley::control
