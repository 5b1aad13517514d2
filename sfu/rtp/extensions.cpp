#include "sfu/rtp/extensions.hpp"

#include <algorithm>

namespace parley::rtp {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Extension::count_)> uris = {
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
};

/// RFC 8285 section 4.2: in the one-byte form this id ends the list.
constexpr std::uint8_t stop_id = 15;

bool is_token(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`{|}~").find(c) != std::string_view::npos;
}

}  // namespace

std::string_view uri(Extension extension) { return uris[static_cast<std::size_t>(extension)]; }

std::optional<Extension> from_uri(std::string_view uri) {
  const auto found = std::ranges::find(uris, uri);
  if (found == uris.end()) return {};
  return static_cast<Extension>(found - uris.begin());
}

std::optional<Extension> ExtensionIds::extension(std::uint8_t id) const {
  const auto found = std::ranges::find(ids_, id);
  if (id == 0 || found == ids_.end()) return {};
  return static_cast<Extension>(found - ids_.begin());
}

Elements::Elements(const PacketView& packet) : reader_(packet.extension) {
  two_byte_ = (packet.extension_profile & 0xFFF0) == two_byte_profile;
  if (!two_byte_ && packet.extension_profile != one_byte_profile) reader_ = Reader({});
}

std::optional<Element> Elements::next() { return two_byte_ ? next_two_byte() : next_one_byte(); }

std::optional<Element> Elements::next_one_byte() {
  while (reader_.remaining() > 0) {
    const std::uint8_t byte = reader_.u8();
    const std::uint8_t id = byte >> 4;
    if (id == stop_id) break;
    if (id == 0 && (byte & 0x0F) == 0) continue;  // padding
    const Element element{id, reader_.take((byte & 0x0Fu) + 1u)};
    if (!reader_.ok()) break;
    if (id != 0) return element;
  }
  reader_ = Reader({});
  return {};
}

std::optional<Element> Elements::next_two_byte() {
  while (reader_.remaining() > 0) {
    const std::uint8_t id = reader_.u8();
    if (id == 0) continue;  // padding
    const std::uint8_t size = reader_.u8();
    const Element element{id, reader_.take(size)};
    if (reader_.ok()) return element;
  }
  return {};
}

std::optional<Bytes> find(const PacketView& packet, std::uint8_t id) {
  if (id == 0) return {};
  for (Elements elements(packet); const auto element = elements.next();)
    if (element->id == id) return element->value;
  return {};
}

std::optional<AudioLevel> parse_audio_level(Bytes value) {
  if (value.empty()) return {};
  return AudioLevel{.voice = (value.front() & 0x80) != 0, .level = static_cast<std::uint8_t>(value.front() & 0x7F)};
}

std::optional<AudioLevel> read_audio_level(const PacketView& packet, const ExtensionIds& ids) {
  const auto value = find(packet, ids.id(Extension::audio_level));
  return value ? parse_audio_level(*value) : std::nullopt;
}

std::optional<std::uint16_t> read_transport_sequence(const PacketView& packet, const ExtensionIds& ids) {
  const auto value = find(packet, ids.id(Extension::transport_cc));
  if (!value || value->size() != 2) return {};
  return Reader(*value).u16();
}

std::optional<std::string_view> read_text(const PacketView& packet, const ExtensionIds& ids, Extension extension) {
  const auto value = find(packet, ids.id(extension));
  if (!value || value->empty() || value->size() > 16) return {};
  const std::string_view text = as_text(*value);
  if (!std::ranges::all_of(text, is_token)) return {};
  return text;
}

std::array<std::uint8_t, 3> abs_send_time(Time now) {
  // Seconds modulo 64 with 18 bits of fraction. 64 s in nanoseconds times 2^18 stays below 2^64.
  const auto since = static_cast<std::uint64_t>(now.time_since_epoch().count()) % 64'000'000'000u;
  const std::uint64_t fixed = (since << 18) / 1'000'000'000u;
  return {static_cast<std::uint8_t>(fixed >> 16), static_cast<std::uint8_t>(fixed >> 8), static_cast<std::uint8_t>(fixed)};
}

std::array<std::uint8_t, 2> transport_sequence(std::uint16_t sequence) {
  return {static_cast<std::uint8_t>(sequence >> 8), static_cast<std::uint8_t>(sequence)};
}

}  // namespace parley::rtp
