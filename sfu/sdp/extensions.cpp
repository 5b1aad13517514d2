#include "sfu/sdp/extensions.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "sfu/sdp/codecs.hpp"
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

constexpr std::string_view dependency_descriptor =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

// Not here, so always refused: video-layers-allocation and video-timing, which nobody reads; abs-send-time, for which
// transport-wide-cc stands in.
constexpr std::array<Known, 10> known_extensions = {{
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", audio, audio, 1},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", audio | video, audio | video, 2},
    {"http://www.webrtc.org/experiments/rtp-hdrext/color-space", video, video, 3},
    {"urn:ietf:params:rtp-hdrext:sdes:mid", audio | video, audio | video, 4},
    {"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", video, video, 5},
    {"urn:3gpp:video-orientation", video, video, 6},
    {dependency_descriptor, video, video, 7},
    {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", video, 0, 0},
    {"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", video, 0, 0},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", audio | video, audio | video, 8},
}};

std::uint8_t bit(Kind kind) { return kind == Kind::audio ? audio : kind == Kind::video ? video : 0; }

/// RFC 8285 section 6: what one end sends, the other receives.
std::optional<Direction> flipped(std::optional<Direction> direction) {
  if (direction == Direction::sendonly) return Direction::recvonly;
  if (direction == Direction::recvonly) return Direction::sendonly;
  return direction;
}

std::vector<HeaderExtension> agreed(const Section& described, std::uint8_t Known::*kinds, Direction unfit) {
  std::vector<HeaderExtension> result;
  for (const HeaderExtension& it : described.extensions) {
    const bool known = std::any_of(known_extensions.begin(), known_extensions.end(), [&](const Known& entry) {
      return entry.uri == it.uri && (entry.*kinds & bit(described.kind)) != 0;
    });
    if (!known || it.id > largest_extension_id || it.direction == unfit || it.direction == Direction::inactive) continue;
    if (is_dependency_descriptor(it) && !described.extmap_allow_mixed) continue;
    result.push_back({it.id, it.uri, flipped(it.direction)});
  }
  return result;
}

bool is_av1(const Codec& codec) { return is_named(codec, "AV1"); }

}  // namespace

bool is_dependency_descriptor(const HeaderExtension& extension) { return extension.uri == dependency_descriptor; }

std::vector<HeaderExtension> received_extensions(const Section& offered, const std::vector<Codec>& codecs) {
  auto extensions = agreed(offered, &Known::received, Direction::recvonly);
  if (codecs.empty() || !is_av1(codecs.front())) std::erase_if(extensions, is_dependency_descriptor);
  return extensions;
}

std::vector<HeaderExtension> sent_extensions(const Section& described, const std::vector<Codec>& codecs) {
  auto extensions = agreed(described, &Known::sent, Direction::sendonly);
  if (std::none_of(codecs.begin(), codecs.end(), is_av1)) std::erase_if(extensions, is_dependency_descriptor);
  return extensions;
}

std::vector<HeaderExtension> offered_extensions(Kind kind, const std::vector<Codec>& codecs) {
  std::vector<HeaderExtension> offered;
  for (const Known& it : known_extensions)
    if ((it.sent & bit(kind)) != 0) offered.push_back({it.id, std::string(it.uri), {}});
  if (codecs.empty() || !is_av1(codecs.front())) std::erase_if(offered, is_dependency_descriptor);
  return offered;
}

bool needs_mixed_headers(const std::vector<HeaderExtension>& extensions) {
  return std::any_of(extensions.begin(), extensions.end(), is_dependency_descriptor);
}

}  // namespace parley::sdp
