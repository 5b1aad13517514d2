#include "sfu/stun/builder.hpp"

#include <array>

#include "sfu/base/crypto.hpp"

namespace parley::stun {

namespace {

constexpr std::size_t integrity_attribute_size = 4 + 20;
constexpr std::size_t integrity_sha256_attribute_size = 4 + 32;
constexpr std::size_t fingerprint_attribute_size = 4 + 4;

std::uint16_t type_of(Class type, Method method) {
  const auto c = static_cast<unsigned>(type);
  const auto m = static_cast<unsigned>(method);
  return static_cast<std::uint16_t>((m & 0x000f) | (m & 0x0070) << 1 | (m & 0x0f80) << 2 | (c & 1) << 4 | (c & 2) << 7);
}

}  // namespace

Builder::Builder(MutableBytes out, Class type, Method method, const TransactionId& transaction)
    : writer_(out), transaction_(transaction) {
  writer_.u16(type_of(type, method)).u16(0).u32(magic_cookie).bytes(transaction);
}

void Builder::header(Attribute type, std::size_t size) {
  writer_.u16(static_cast<std::uint16_t>(type)).u16(static_cast<std::uint16_t>(size));
}

void Builder::pad() { writer_.zeros((4 - writer_.size() % 4) % 4); }

void Builder::set_length(std::size_t more) {
  writer_.patch_u16(2, static_cast<std::uint16_t>(writer_.size() + more - header_size));
}

Builder& Builder::bytes(Attribute type, Bytes value) {
  header(type, value.size());
  writer_.bytes(value);
  pad();
  return *this;
}

Builder& Builder::u32(Attribute type, std::uint32_t value) {
  header(type, 4);
  writer_.u32(value);
  return *this;
}

Builder& Builder::u64(Attribute type, std::uint64_t value) {
  header(type, 8);
  writer_.u64(value);
  return *this;
}

Builder& Builder::xor_address(Attribute type, const Address& address) {
  const Bytes octets = address.octets();
  header(type, 4 + octets.size());
  writer_.u8(0).u8(address.is_v4() ? 1 : 2).u16(static_cast<std::uint16_t>(address.port() ^ magic_cookie >> 16));
  std::array<std::uint8_t, 16> pad_bytes{};
  Writer(pad_bytes).u32(magic_cookie).bytes(transaction_);
  for (std::size_t i = 0; i < octets.size(); ++i) writer_.u8(static_cast<std::uint8_t>(octets[i] ^ pad_bytes[i]));
  return *this;
}

Builder& Builder::address(Attribute type, const Address& address) {
  const Bytes octets = address.octets();
  header(type, 4 + octets.size());
  writer_.u8(0).u8(address.is_v4() ? 1 : 2).u16(address.port()).bytes(octets);
  return *this;
}

Builder& Builder::error(int code, std::string_view reason) { return error(Attribute::error_code, 0, code, reason); }

Builder& Builder::address_error(bool v4, int code, std::string_view reason) {
  return error(Attribute::address_error_code, v4 ? 1 : 2, code, reason);
}

Builder& Builder::error(Attribute type, std::uint8_t family, int code, std::string_view reason) {
  header(type, 4 + reason.size());
  writer_.u8(family).u8(0).u8(static_cast<std::uint8_t>(code / 100)).u8(static_cast<std::uint8_t>(code % 100));
  writer_.bytes(as_bytes(reason));
  pad();
  return *this;
}

Builder& Builder::unknown_attributes(std::span<const std::uint16_t> types) {
  header(Attribute::unknown_attributes, 2 * types.size());
  for (const std::uint16_t type : types) writer_.u16(type);
  pad();
  return *this;
}

Builder& Builder::integrity(Bytes key) {
  set_length(integrity_attribute_size);
  return bytes(Attribute::message_integrity, hmac_sha1(key, writer_.written()));
}

Builder& Builder::integrity_sha256(Bytes key) {
  set_length(integrity_sha256_attribute_size);
  return bytes(Attribute::message_integrity_sha256, hmac_sha256(key, writer_.written()));
}

Bytes Builder::finish(Bytes key) { return integrity(key).finish(); }

Bytes Builder::finish() {
  set_length(fingerprint_attribute_size);
  u32(Attribute::fingerprint, crc32(writer_.written()) ^ fingerprint_mask);
  return writer_.ok() ? writer_.written() : Bytes();
}

Bytes Builder::finish_plain() {
  set_length(0);
  return writer_.ok() ? writer_.written() : Bytes();
}

}  // namespace parley::stun
