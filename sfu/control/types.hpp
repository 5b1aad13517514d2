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
  refused,  ///< cannot be sent: `reason` says why
};

/// What a client says of a section that it publishes.
struct TrackRequest {
  std::string mid;  ///< the section in the offer
  TrackId track;
  bool stereo = false;  ///< ask the browser for stereo Opus (it sends mono unless the answer asks)
  bool dtx = false;     ///< ask the browser for Opus silence suppression
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

struct Speaker {
  ParticipantId participant;
  std::uint8_t level = 127;  ///< -dBov as in RFC 6464: 0 is the loudest, 127 is silence
  bool operator==(const Speaker&) const = default;
};

}  // namespace parley::control
