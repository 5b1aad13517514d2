#include "sfu/stun/message.hpp"

#include <algorithm>

#include "sfu/base/crypto.hpp"

namespace parley::stun {

namespace {

constexpr std::size_t integrity_size = 20;
constexpr std::size_t attribute_header_size = 4;

struct RawAttribute {
  std::uint16_t type = 0;
  Bytes value;
};

RawAttribute read_attribute(Reader& reader) {
  RawAttribute attribute;
  attribute.type = reader.u16();
  const std::size_t size = reader.u16();
  attribute.value = reader.take(size);
  reader.skip((4 - size % 4) % 4);
  return attribute;
}

bool is(const RawAttribute& attribute, Attribute type) { return attribute.type == static_cast<std::uint16_t>(type); }

/// RFC 8489 figure 3: the two class bits are bits 4 and 8, the twelve method bits are around them.
Class class_of(std::uint16_t type) { return static_cast<Class>((type >> 4 & 1) | (type >> 7 & 2)); }
Method method_of(std::uint16_t type) {
  return static_cast<Method>((type & 0x000f) | (type >> 1 & 0x0070) | (type >> 2 & 0x0f80));
}

}  // namespace

std::optional<Message> Message::parse(Bytes datagram) {
  Reader header(datagram);
  const std::uint16_t type = header.u16();
  const std::size_t length = header.u16();
  const std::uint32_t cookie = header.u32();
  const Bytes transaction = header.take(12);
  if (!header.ok() || type >= 0x4000 || cookie != magic_cookie || length % 4 != 0 || length != header.remaining())
    return std::nullopt;

  Message message;
  message.bytes_ = datagram;
  message.class_ = class_of(type);
  message.method_ = method_of(type);
  std::ranges::copy(transaction, message.transaction_.begin());
  for (Reader reader = header; reader.remaining() > 0;) {
    const std::size_t at = datagram.size() - reader.remaining();
    const RawAttribute attribute = read_attribute(reader);
    if (!reader.ok()) return std::nullopt;
    if (is(attribute, Attribute::message_integrity) && !message.has_integrity() && !message.has_integrity_sha256()) {
      if (attribute.value.size() != integrity_size) return std::nullopt;
      message.integrity_at_ = at;
    }
    if (is(attribute, Attribute::message_integrity_sha256) && !message.has_integrity_sha256()) {
      const std::size_t size = attribute.value.size();
      if (size < 16 || size > 32 || size % 4 != 0) return std::nullopt;
      message.integrity_sha256_at_ = at;
      message.integrity_sha256_size_ = size;
    }
    if (is(attribute, Attribute::fingerprint)) {
      if (reader.remaining() > 0 || attribute.value.size() != 4) return std::nullopt;
      if (Reader(attribute.value).u32() != (crc32(datagram.first(at)) ^ fingerprint_mask)) return std::nullopt;
      message.has_fingerprint_ = true;
    }
  }
  return message;
}

Bytes Message::protected_bytes() const {
  const std::size_t end = has_integrity() ? integrity_at_ : has_integrity_sha256() ? integrity_sha256_at_ : bytes_.size();
  return bytes_.first(end).subspan(header_size);
}

std::optional<Bytes> Message::find(Attribute type) const {
  for (Reader reader(protected_bytes()); reader.remaining() > 0;)
    if (const RawAttribute attribute = read_attribute(reader); is(attribute, type)) return attribute.value;
  return std::nullopt;
}

std::vector<std::uint16_t> Message::unknown_required() const {
  static constexpr Attribute known[] = {Attribute::mapped_address,     Attribute::username,           Attribute::error_code,
                                        Attribute::unknown_attributes, Attribute::xor_mapped_address, Attribute::priority,
                                        Attribute::use_candidate};
  return unknown_required(known);
}

std::vector<std::uint16_t> Message::unknown_required(std::span<const Attribute> known) const {
  std::vector<std::uint16_t> unknown;
  for (Reader reader(protected_bytes()); reader.remaining() > 0;) {
    const std::uint16_t type = read_attribute(reader).type;
    if (type < 0x8000 && std::ranges::find(known, static_cast<Attribute>(type)) == known.end()) unknown.push_back(type);
  }
  return unknown;
}

Buffer Message::text_before(std::size_t at, std::size_t size) const {
  // RFC 8489 section 14.5: the HMAC is over everything before the attribute, with a length that ends behind the attribute.
  Buffer text(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  const std::size_t length = at + attribute_header_size + size - header_size;
  text[2] = static_cast<std::uint8_t>(length >> 8);
  text[3] = static_cast<std::uint8_t>(length);
  return text;
}

bool Message::integrity_is_valid(Bytes key) const {
  if (!has_integrity()) return false;
  const auto code = hmac_sha1(key, text_before(integrity_at_, integrity_size));
  return equal_in_constant_time(code, bytes_.subspan(integrity_at_ + attribute_header_size, integrity_size));
}

bool Message::integrity_sha256_is_valid(Bytes key) const {
  if (!has_integrity_sha256()) return false;
  const std::size_t size = integrity_sha256_size_;
  const auto code = hmac_sha256(key, text_before(integrity_sha256_at_, size));
  return equal_in_constant_time(Bytes(code).first(size), bytes_.subspan(integrity_sha256_at_ + attribute_header_size, size));
}

std::optional<Address> Message::xor_address(Attribute type) const {
  const auto value = find(type);
  return value ? read_xor_address(*value) : std::nullopt;
}

std::optional<std::vector<Address>> Message::xor_addresses(Attribute type) const {
  std::vector<Address> addresses;
  for (Reader reader(protected_bytes()); reader.remaining() > 0;) {
    const RawAttribute attribute = read_attribute(reader);
    if (!is(attribute, type)) continue;
    const auto address = read_xor_address(attribute.value);
    if (!address) return std::nullopt;
    addresses.push_back(*address);
  }
  return addresses;
}

std::optional<Address> Message::read_xor_address(Bytes value) const {
  Reader reader(value);
  reader.skip(1);
  const std::uint8_t family = reader.u8();
  const auto port = static_cast<std::uint16_t>(reader.u16() ^ magic_cookie >> 16);
  // RFC 8489 section 14.2: an IPv4 address is xored with the cookie, an IPv6 one with the cookie and the transaction id.
  const Bytes pad = bytes_.subspan(4, 16);
  std::array<std::uint8_t, 16> octets{};
  const Bytes coded = reader.rest();
  for (std::size_t i = 0; i < std::min(coded.size(), octets.size()); ++i)
    octets[i] = static_cast<std::uint8_t>(coded[i] ^ pad[i]);
  if (family == 1 && coded.size() == 4) return Address::v4({octets[0], octets[1], octets[2], octets[3]}, port);
  if (family == 2 && coded.size() == 16) return Address::v6(octets, port);
  return std::nullopt;
}

std::optional<int> Message::error_code() const {
  const auto value = find(Attribute::error_code);
  if (!value) return std::nullopt;
  Reader reader(*value);
  reader.skip(2);
  const int hundreds = reader.u8() & 7;
  const int rest = reader.u8();
  if (!reader.ok() || hundreds < 3 || hundreds > 6 || rest > 99) return std::nullopt;
  return hundreds * 100 + rest;
}

std::optional<std::string_view> username(Bytes datagram) {
  Reader reader(datagram);
  const std::uint16_t type = reader.u16();
  reader.skip(2);
  const std::uint32_t cookie = reader.u32();
  reader.skip(12);
  if (!reader.ok() || type != static_cast<std::uint16_t>(Method::binding) || cookie != magic_cookie) return std::nullopt;
  while (reader.remaining() > 0) {
    const RawAttribute attribute = read_attribute(reader);
    if (!reader.ok()) return std::nullopt;
    if (is(attribute, Attribute::username)) return as_text(attribute.value);
  }
  return std::nullopt;
}

std::string_view receiver_ufrag(std::string_view username) { return username.substr(0, username.find(':')); }

std::string_view sender_ufrag(std::string_view username) {
  const std::size_t colon = username.find(':');
  return colon == std::string_view::npos ? std::string_view() : username.substr(colon + 1);
}

}  // namespace parley::stun
