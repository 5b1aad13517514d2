// Requests with long-term credentials, as TURN uses them.

#include <catch2/catch.hpp>

#include "sfu/base/crypto.hpp"
#include "sfu/stun/builder.hpp"
#include "sfu/stun/message.hpp"

namespace parley::stun {

namespace {

constexpr TransactionId transaction = {0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72, 0xc0, 0x29, 0xda, 0x41, 0x2e};
constexpr std::string_view name = "\u30de\u30c8\u30ea\u30c3\u30af\u30b9";
constexpr std::string_view realm = "example.org";
const std::string text = std::string(name) + ":example.org:TheMatrIX";

Buffer copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

TEST_CASE("The builder writes the long-term request of RFC 5769 section 2.4 byte by byte, and the parser believes it") {
  const Buffer integrity = {0xf6, 0x70, 0x24, 0x65, 0x6d, 0xd6, 0x4a, 0x3e, 0x02, 0xb8,
                            0xe0, 0x71, 0x2e, 0x85, 0xc9, 0xa2, 0x8c, 0xa8, 0x96, 0x66};
  const auto key = md5(as_bytes(text));
  std::array<std::uint8_t, 256> slot{};
  Builder builder(slot, Class::request, Method::binding, transaction);
  builder.bytes(Attribute::username, as_bytes(name)).bytes(Attribute::nonce, as_bytes("f//499k954d6OL34oL9FSTvy64sA"));
  const Buffer request = copy(builder.bytes(Attribute::realm, as_bytes(realm)).integrity(key).finish_plain());
  REQUIRE(request.size() == 116);
  CHECK(copy(Bytes(request).last(20)) == integrity);
  const auto message = Message::parse(request);
  REQUIRE(message);
  CHECK(message->integrity_is_valid(key));
  CHECK_FALSE(message->integrity_is_valid(as_bytes("x")));
  CHECK_FALSE(message->has_integrity_sha256());
}

TEST_CASE("The same for the request with SHA-256 and USERHASH of RFC 8489 appendix B.1, as its erratum corrects it") {
  const Buffer hash = {0x4a, 0x3c, 0xf3, 0x8f, 0xef, 0x69, 0x92, 0xbd, 0xa9, 0x52, 0xc6, 0x78, 0x04, 0x17, 0xda, 0x0f,
                       0x24, 0x81, 0x94, 0x15, 0x56, 0x9e, 0x60, 0xb2, 0x05, 0xc4, 0x6e, 0x41, 0x40, 0x7f, 0x17, 0x04};
  const Buffer integrity = {0xb5, 0xc7, 0xbf, 0x00, 0x5b, 0x6c, 0x52, 0xa2, 0x1c, 0x51, 0xc5, 0xe8, 0x92, 0xf8, 0x19, 0x24,
                            0x13, 0x62, 0x96, 0xcb, 0x92, 0x7c, 0x43, 0x14, 0x93, 0x09, 0x27, 0x8c, 0xc6, 0x51, 0x8e, 0x65};
  CHECK(copy(sha256(as_bytes(std::string(name) + ":example.org"))) == hash);
  const auto key = sha256(as_bytes(text));
  std::array<std::uint8_t, 256> slot{};
  Builder builder(slot, Class::request, Method::binding, transaction);
  builder.bytes(Attribute::userhash, hash).bytes(Attribute::nonce, as_bytes("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"));
  builder.bytes(Attribute::realm, as_bytes(realm)).bytes(Attribute::password_algorithm, Buffer{0, 2, 0, 0});
  const Buffer request = copy(builder.integrity_sha256(key).finish_plain());
  CHECK(copy(Bytes(request).last(32)) == integrity);
  const auto message = Message::parse(request);
  REQUIRE(message);
  CHECK(message->integrity_sha256_is_valid(key));
  CHECK_FALSE(message->integrity_sha256_is_valid(as_bytes(text)));
  CHECK(message->has(Attribute::realm));
}

TEST_CASE("MESSAGE-INTEGRITY-SHA256 may be cut to 16 bytes and no further") {
  for (const std::size_t size : {12U, 16U, 20U, 30U, 32U}) {
    std::array<std::uint8_t, 256> slot{};
    Builder builder(slot, Class::request, Method::binding, transaction);
    Buffer whole = copy(builder.integrity_sha256(as_bytes("key")).finish_plain());
    // The length that is part of what is hashed is the one that the shorter message has.
    whole[3] = static_cast<std::uint8_t>(4 + (size + 3) / 4 * 4);
    const auto code = hmac_sha256(as_bytes("key"), Bytes(whole).first(20));
    whole[23] = static_cast<std::uint8_t>(size);
    std::copy(code.begin(), code.end(), whole.begin() + 24);
    const auto message = Message::parse(Bytes(whole).first(24 + (size + 3) / 4 * 4));
    const bool allowed = size >= 16 && size % 4 == 0;
    REQUIRE(message.has_value() == allowed);
    if (allowed) CHECK(message->integrity_sha256_is_valid(as_bytes("key")));
  }
}

TEST_CASE("What stands behind an integrity attribute is not seen, and one integrity behind the other protects the first") {
  std::array<std::uint8_t, 256> slot{};
  Builder builder(slot, Class::request, Method::binding, transaction);
  builder.bytes(Attribute::username, as_bytes("ada")).integrity(as_bytes("one")).integrity_sha256(as_bytes("two"));
  builder.u32(Attribute::lifetime, 0);
  const Buffer both = copy(builder.finish());
  const auto message = Message::parse(both);
  REQUIRE(message);
  CHECK(message->has(Attribute::username));
  CHECK_FALSE(message->has(Attribute::lifetime));
  CHECK(message->integrity_is_valid(as_bytes("one")));
  CHECK(message->integrity_sha256_is_valid(as_bytes("two")));
}

TEST_CASE("All addresses of one type are read, and one that is malformed spoils them") {
  std::array<std::uint8_t, 256> slot{};
  const Address first = *Address::parse_with_port("192.0.2.1:1");
  const Address second = *Address::parse_with_port("[2001:db8::1]:2");
  Builder builder(slot, Class::request, Method::create_permission, transaction);
  builder.xor_address(Attribute::xor_peer_address, first).u32(Attribute::lifetime, 1);
  builder.xor_address(Attribute::xor_peer_address, second);
  const Buffer good = copy(builder.finish_plain());
  CHECK(Message::parse(good)->xor_addresses(Attribute::xor_peer_address) == std::vector{first, second});
  const Buffer bad = copy(builder.u32(Attribute::xor_peer_address, 7).finish_plain());
  CHECK_FALSE(Message::parse(bad)->xor_addresses(Attribute::xor_peer_address));
}

}  // namespace parley::stun
