#include "sfu/stun/message.hpp"

#include <catch2/catch.hpp>

#include "sfu/base/random.hpp"
#include "sfu/stun/builder.hpp"

namespace parley::stun {

namespace {

// RFC 5769 sections 2.1 to 2.3.
constexpr std::string_view sample_password = "VOkJxbRl1RmTxUk/WvJxBt";

const Buffer sample_request = {0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
                               0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
                               0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
                               0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
                               0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
                               0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
                               0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

const Buffer sample_ipv4_response = {
    0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
    0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08,
    0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3,
    0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96};

const Buffer sample_ipv6_response = {
    0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf,
    0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20,
    0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe,
    0xd2, 0xb9, 0xd9, 0x00, 0x08, 0x00, 0x14, 0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6, 0x7b, 0xf1, 0x17, 0x84, 0xc9, 0x7c,
    0x82, 0x92, 0xc2, 0x75, 0xbf, 0xe3, 0xed, 0x41, 0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c};

constexpr TransactionId transaction = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

Buffer binding_request(std::string_view username) {
  std::array<std::uint8_t, 512> slot{};
  Builder builder(slot, Class::request, Method::binding, transaction);
  const Bytes message = builder.bytes(Attribute::username, as_bytes(username)).finish(as_bytes("password"));
  return {message.begin(), message.end()};
}

}  // namespace

TEST_CASE("The request of RFC 5769 is read, and its integrity and fingerprint hold") {
  const auto message = Message::parse(sample_request);
  REQUIRE(message);
  CHECK(message->type() == Class::request);
  CHECK(message->method() == Method::binding);
  CHECK(message->transaction()[0] == 0xb7);
  CHECK(as_text(*message->find(Attribute::username)) == "evtj:h6vY");
  CHECK(as_text(*message->find(Attribute::software)) == "STUN test client");
  CHECK(Reader(*message->find(Attribute::priority)).u32() == 0x6e0001ff);
  CHECK(Reader(*message->find(Attribute::ice_controlled)).u64() == 0x932ff9b151263b36);
  CHECK_FALSE(message->has(Attribute::use_candidate));
  CHECK(message->unknown_required().empty());
  CHECK(message->has_fingerprint());
  CHECK(message->integrity_is_valid(as_bytes(sample_password)));
  CHECK_FALSE(message->integrity_is_valid(as_bytes("VOkJxbRl1RmTxUk/WvJxBT")));
}

TEST_CASE("The responses of RFC 5769 give the mapped address in both families") {
  const auto v4 = Message::parse(sample_ipv4_response);
  REQUIRE(v4);
  CHECK(v4->type() == Class::success);
  CHECK(v4->integrity_is_valid(as_bytes(sample_password)));
  CHECK(v4->xor_mapped_address() == Address::parse("192.0.2.1", 32853));
  const auto v6 = Message::parse(sample_ipv6_response);
  REQUIRE(v6);
  CHECK(v6->integrity_is_valid(as_bytes(sample_password)));
  CHECK(v6->xor_mapped_address() == Address::parse("2001:db8:1234:5678:11:2233:4455:6677", 32853));
}

TEST_CASE("The builder writes the response of RFC 5769 but for the padding, which is zero here") {
  std::array<std::uint8_t, 128> slot{};
  const auto request = Message::parse(sample_request);
  Builder builder(slot, Class::success, Method::binding, request->transaction());
  builder.bytes(Attribute::software, as_bytes("test vector"))
      .xor_address(Attribute::xor_mapped_address, *Address::parse("192.0.2.1", 32853));
  const Bytes written = builder.finish(as_bytes(sample_password));
  REQUIRE(written.size() == sample_ipv4_response.size());
  Buffer expected(sample_ipv4_response.begin(), sample_ipv4_response.begin() + 48);
  expected[35] = 0;
  CHECK(Buffer(written.begin(), written.begin() + 48) == expected);
  CHECK(Message::parse(written)->integrity_is_valid(as_bytes(sample_password)));
}

TEST_CASE("What is written is read back: numbers, flags, IPv6, errors and unknown attributes") {
  std::array<std::uint8_t, 256> slot{};
  Builder builder(slot, Class::error, Method::binding, transaction);
  builder.error(420, "Unknown Attribute").unknown_attributes(std::array<std::uint16_t, 3>{0x0030, 0x7fff, 0x0003});
  builder.u64(Attribute::ice_controlling, 0x0102030405060708).flag(Attribute::use_candidate);
  const auto address = *Address::parse("2001:db8::1", 65535);
  builder.xor_address(Attribute::xor_mapped_address, address);
  const auto message = Message::parse(builder.finish(as_bytes("key")));
  REQUIRE(message);
  CHECK(message->type() == Class::error);
  CHECK(message->transaction() == transaction);
  CHECK(message->error_code() == 420);
  CHECK(message->find(Attribute::unknown_attributes)->size() == 6);
  CHECK(Reader(*message->find(Attribute::ice_controlling)).u64() == 0x0102030405060708);
  CHECK(message->has(Attribute::use_candidate));
  CHECK(message->xor_mapped_address() == address);
}

TEST_CASE("Each class and method survives the interleaved bits of the message type") {
  for (const Class type : {Class::request, Class::indication, Class::success, Class::error}) {
    for (const int method : {0x001, 0x003, 0x009, 0x010, 0x080, 0xfff}) {
      std::array<std::uint8_t, 64> slot{};
      const auto message = Message::parse(Builder(slot, type, static_cast<Method>(method), transaction).finish());
      REQUIRE(message);
      CHECK(message->type() == type);
      CHECK(message->method() == static_cast<Method>(method));
    }
  }
}

TEST_CASE("Only comprehension-required attributes that have no name here are unknown") {
  std::array<std::uint8_t, 256> slot{};
  Builder builder(slot, Class::request, Method::binding, transaction);
  builder.u32(static_cast<Attribute>(0x0031), 1).u32(static_cast<Attribute>(0xc057), 2).u32(Attribute::priority, 3);
  const auto message = Message::parse(builder.finish(as_bytes("key")));
  CHECK(message->unknown_required() == std::vector<std::uint16_t>{0x0031});
}

TEST_CASE("An attribute behind MESSAGE-INTEGRITY is not seen, for anybody could have added it") {
  std::array<std::uint8_t, 256> slot{};
  Builder builder(slot, Class::request, Method::binding, transaction);
  Buffer message = [&] {
    const Bytes written = builder.u32(Attribute::priority, 3).finish(as_bytes("key"));
    return Buffer(written.begin(), written.end() - 8);  // without FINGERPRINT
  }();
  message.insert(message.end(), {0x00, 0x25, 0x00, 0x00});
  message[3] = static_cast<std::uint8_t>(message.size() - header_size);
  const auto parsed = Message::parse(message);
  REQUIRE(parsed);
  CHECK(parsed->integrity_is_valid(as_bytes("key")));
  CHECK_FALSE(parsed->has(Attribute::use_candidate));
}

TEST_CASE("A message with a wrong cookie, length, fingerprint or framing is none") {
  const auto broken = [](std::size_t at, std::uint8_t value) {
    Buffer copy = sample_request;
    copy[at] = value;
    return Message::parse(copy);
  };
  CHECK_FALSE(broken(4, 0x22));    // cookie
  CHECK_FALSE(broken(3, 0x54));    // shorter than the datagram
  CHECK_FALSE(broken(3, 0x5c));    // longer
  CHECK_FALSE(broken(0, 0x40));    // two bits that are zero in STUN
  CHECK_FALSE(broken(23, 0xff));   // an attribute that runs past the end
  CHECK_FALSE(broken(107, 0x00));  // fingerprint
  CHECK_FALSE(broken(30, 0x00));   // content that the fingerprint covers
  CHECK_FALSE(broken(79, 0x10));   // MESSAGE-INTEGRITY of 16 bytes
  for (std::size_t size = 0; size < sample_request.size(); ++size) CHECK_FALSE(Message::parse(Bytes(sample_request).first(size)));
}

TEST_CASE("A changed message without fingerprint fails its integrity") {
  const Bytes without = Bytes(sample_request).first(sample_request.size() - 8);
  Buffer copy(without.begin(), without.end());
  copy[3] = 0x50;
  REQUIRE(Message::parse(copy));
  CHECK(Message::parse(copy)->integrity_is_valid(as_bytes(sample_password)));
  copy[45] ^= 1;
  CHECK_FALSE(Message::parse(copy)->integrity_is_valid(as_bytes(sample_password)));
}

TEST_CASE("A message that does not fit into its buffer is not written") {
  std::array<std::uint8_t, 40> slot{};
  Builder builder(slot, Class::request, Method::binding, transaction);
  CHECK(builder.bytes(Attribute::username, as_bytes("someone:else")).finish(as_bytes("key")).empty());
  std::array<std::uint8_t, 10> tiny{};
  CHECK(Builder(tiny, Class::request, Method::binding, transaction).finish().empty());
}

TEST_CASE("The user name of an unchecked request names both ends") {
  const Buffer request = binding_request("server1:client2");
  const auto found = username(request);
  REQUIRE(found);
  CHECK(receiver_ufrag(*found) == "server1");
  CHECK(sender_ufrag(*found) == "client2");
  CHECK(receiver_ufrag("alone") == "alone");
  CHECK(sender_ufrag("alone").empty());
  CHECK_FALSE(username(sample_ipv4_response));
  CHECK_FALSE(username(Bytes(sample_request).first(60)));
  CHECK_FALSE(username({}));
}

TEST_CASE("Any bytes are read without harm, and what is still read has been well formed") {
  Random random = Random::from_number(5769);
  const Buffer own = binding_request("server:client");
  for (int round = 0; round < 50000; ++round) {
    Buffer bytes = round % 2 ? sample_request : own;
    const std::uint64_t changes = 1 + random.below(4);
    for (std::uint64_t i = 0; i < changes; ++i) bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.next());
    if (random.below(4) == 0) bytes.resize(random.below(bytes.size() + 8));
    if (const auto message = Message::parse(bytes)) {
      (void)message->unknown_required();
      (void)message->xor_mapped_address();
      (void)message->error_code();
      (void)message->integrity_is_valid(as_bytes("password"));
    }
    (void)username(bytes);
  }
}

}  // namespace parley::stun
