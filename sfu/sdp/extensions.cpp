#include "sfu/sdp/extensions.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "sfu/sdp/negotiate.hpp"

namespace parley::sdp {
namespace {

constexpr std::uint8_t audio = 1;
constexpr std::uint8_t video = 2;

struct Known {
  std::string_view uri;
  std::uint8_t received;  ///< on packets of which kinds we read it
  std::uint8_t sent;      ///< on packets of which kinds we write it
  std::uint8_t id;        ///< our number for it in our own offers, 0: we never offer it
};

// Not here, so always refused: the dependency descriptor, because with it browsers strip VP8's picture numbers (interop trap 4);
// video-layers-allocation and video-timing, which nobody reads; abs-send-time, for which transport-wide-cc stands in.
constexpr std::array<Known, 9> known_extensions = {{
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", audio, audio, 1},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", audio | video, audio | video, 2},
    {"http://www.webrtc.org/experiments/rtp-hdrext/color-space", video, video, 3},
    {"urn:ietf:params:rtp-hdrext:sdes:mid", audio | video, audio | video, 4},
    {"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", video, video, 5},
    {"urn:3gpp:video-orientation", video, video, 6},
    {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", video, 0, 0},
    {"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", video, 0, 0},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", audio | video, 0, 0},
}};

std::uint8_t bit(Kind kind) { return kind == Kind::audio ? audio : kind == Kind::video ? video : 0; }

/// RFC 8285 section 6: what one end sends, the other receives.
std::optional<Direction> flipped(std::optional<Direction> direction) {
  if (direction == Direction::sendonly) return Direction::recvonly;
  if (direction == Direction::recvonly) return Direction::sendonly;
  return direction;
}

std::vector<HeaderExtension> agreed(Kind kind, const std::vector<HeaderExtension>& described, std::uint8_t Known::*kinds,
                                    Direction unfit) {
  std::vector<HeaderExtension> result;
  for (const HeaderExtension& it : described) {
    const bool known = std::any_of(known_extensions.begin(), known_extensions.end(),
                                   [&](const Known& entry) { return entry.uri == it.uri && (entry.*kinds & bit(kind)) != 0; });
    if (!known || it.id > largest_extension_id || it.direction == unfit || it.direction == Direction::inactive) continue;
    result.push_back({it.id, it.uri, flipped(it.direction)});
  }
  return result;
}

}  // namespace

std::vector<HeaderExtension> received_extensions(Kind kind, const std::vector<HeaderExtension>& offered) {
  return agreed(kind, offered, &Known::received, Direction::recvonly);
}

std::vector<HeaderExtension> sent_extensions(Kind kind, const std::vector<HeaderExtension>& described) {
  return agreed(kind, described, &Known::sent, Direction::sendonly);
}

std::vector<HeaderExtension> offered_extensions(Kind kind) {
  std::vector<HeaderExtension> offered;
  for (const Known& it : known_extensions)
    if ((it.sent & bit(kind)) != 0) offered.push_back({it.id, std::string(it.uri), {}});
  return offered;
}

}  // namespace parley::sdp
