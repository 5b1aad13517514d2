#pragma once
// An RTP packet (RFC 3550 section 5.1) as a view into the datagram that holds it, and the writing of an outgoing header
// with header extensions (RFC 8285). CSRC lists are skipped when read and never written: an SFU does not mix.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::rtp {

/// RFC 8285: the profile of one-byte elements; that of two-byte elements is 0x1000 to 0x100F.
inline constexpr std::uint16_t one_byte_profile = 0xBEDE;
inline constexpr std::uint16_t two_byte_profile = 0x1000;

/// Views stay valid as long as the bytes that were parsed.
struct PacketView {
  PayloadType payload_type;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  Ssrc ssrc;
  std::uint16_t extension_profile = 0;  ///< 0: there is no header extension
  Bytes extension;                      ///< the elements, without profile and length
  Bytes payload;                        ///< without padding; empty in a padding-only packet
  std::uint8_t padding = 0;             ///< bytes at the end, the length byte included
  std::size_t header_size = 0;          ///< fixed header, CSRCs and extension

  bool padding_only() const { return payload.empty(); }
};

/// Nothing when the version is not 2, or a length does not fit into the packet.
std::optional<PacketView> parse(Bytes packet);
/// Of a packet that is still encrypted: its padding, if it has any, and SRTP's tag are left in the payload.
std::optional<PacketView> parse_header(Bytes packet);

/// The fixed header of an outgoing packet.
struct Header {
  PayloadType payload_type;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  Ssrc ssrc;
  bool padded = false;  ///< the payload that follows ends in padding
};

/// One header extension element. id 1..14 fits both forms of RFC 8285; 0 is padding and must not be used.
struct Element {
  std::uint8_t id = 0;
  Bytes value;
};

/// A few elements without allocation, for write_header(). Adding to a full list, or with id 0 (not negotiated), does nothing.
class ElementList {
 public:
  static constexpr std::size_t capacity = 16;  ///< more than the kinds of extension that Parley knows

  ElementList() {}
  void add(std::uint8_t id, Bytes value) {
    if (id != 0 && size_ < capacity) std::construct_at(&elements_[size_++], Element{id, value});
  }
  operator std::span<const Element>() const { return {elements_, size_}; }

 private:
  // Not initialised before it is used: this is made for each packet that is sent, and is nearly always empty.
  union {
    Element elements_[capacity];
  };
  std::size_t size_ = 0;
};

/// Room that suffices for any header that Parley writes, with a rewritten payload descriptor behind it.
inline constexpr std::size_t maximum_header = 256;

/// Writes the header to the front of `out` and returns its size. One-byte elements when every id is 1..14 and every value
/// 1..16 bytes, else two-byte elements. Returns 0 when `out` is too small. The padding bit is not set.
std::size_t write_header(const Header& header, std::span<const Element> elements, MutableBytes out);

/// A whole padding-only packet (RFC 3550 section 5.1): `padding` is 1..255 bytes, the length byte included. 0: no room.
std::size_t write_padding(const Header& header, std::span<const Element> elements, std::uint8_t padding, MutableBytes out);

}  // namespace parley::rtp
