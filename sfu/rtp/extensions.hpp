#pragma once
// RTP header extensions (RFC 8285): which ones Parley knows, which id each has on a connection, and how to read them.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sfu/base/time.hpp"
#include "sfu/rtp/packet.hpp"

namespace parley::rtp {

enum class Extension : std::uint8_t {
  mid,                    ///< RFC 9143: the m= section
  rid,                    ///< RFC 8852: the simulcast encoding
  repaired_rid,           ///< RFC 8852: on a retransmission stream, the encoding that it repairs
  audio_level,            ///< RFC 6464
  abs_send_time,          ///< goog: 24 bits of seconds, 6.18 fixed point
  transport_cc,           ///< draft-holmer-rmcat-transport-wide-cc-extensions-01
  video_orientation,      ///< 3GPP TS 26.114
  playout_delay,          ///< goog
  color_space,            ///< goog
  abs_capture_time,       ///< goog
  video_content_type,     ///< goog
  dependency_descriptor,  ///< AV1 RTP payload specification, appendix A
  count_
};

std::string_view uri(Extension extension);
std::optional<Extension> from_uri(std::string_view uri);

/// The negotiated ids of one m= section.
class ExtensionIds {
 public:
  void set(Extension extension, std::uint8_t id) { ids_[static_cast<std::size_t>(extension)] = id; }
  /// 0: not negotiated.
  std::uint8_t id(Extension extension) const { return ids_[static_cast<std::size_t>(extension)]; }
  /// Which extension has this id; nothing for 0.
  std::optional<Extension> extension(std::uint8_t id) const;
  bool operator==(const ExtensionIds&) const = default;

 private:
  std::array<std::uint8_t, static_cast<std::size_t>(Extension::count_)> ids_{};
};

/// Walks over the elements of a packet in either form: `for (Elements e(packet); auto element = e.next();)`. Stops at the first
/// element that does not fit; an unknown profile has no elements.
class Elements {
 public:
  explicit Elements(const PacketView& packet);
  std::optional<Element> next();

 private:
  std::optional<Element> next_one_byte();
  std::optional<Element> next_two_byte();

  Reader reader_;
  bool two_byte_ = false;
};

/// The value of the first element with this id. Nothing for id 0, so that an extension which was not negotiated is absent.
std::optional<Bytes> find(const PacketView& packet, std::uint8_t id);

/// RFC 6464: voice activity and the level in -dBov, 0 the loudest, 127 silence.
struct AudioLevel {
  bool voice = false;
  std::uint8_t level = 127;
  bool operator==(const AudioLevel&) const = default;
};
/// Nothing when the element is empty.
std::optional<AudioLevel> parse_audio_level(Bytes value);
std::optional<AudioLevel> read_audio_level(const PacketView& packet, const ExtensionIds& ids);

/// The transport-wide sequence number.
std::optional<std::uint16_t> read_transport_sequence(const PacketView& packet, const ExtensionIds& ids);

/// For mid, rid and repaired_rid: 1 to 16 characters of RFC 8851's rid-syntax and RFC 4566's token, else nothing. The text
/// stays valid as long as the packet.
std::optional<std::string_view> read_text(const PacketView& packet, const ExtensionIds& ids, Extension extension);

std::array<std::uint8_t, 3> abs_send_time(Time now);
std::array<std::uint8_t, 2> transport_sequence(std::uint16_t sequence);

}  // namespace parley::rtp
