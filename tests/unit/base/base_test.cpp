#include <catch2/catch.hpp>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/crypto.hpp"
#include "sfu/base/drop_reason.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/random.hpp"
#include "sfu/base/unwrap.hpp"

using namespace parley;

TEST_CASE("a reader past the end gives zeros and stays failed") {
  const std::uint8_t bytes[] = {1, 2, 3};
  Reader reader(bytes);
  CHECK(reader.u16() == 0x0102);
  CHECK(reader.u16() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.remaining() == 0);
}

TEST_CASE("a writer past the end writes nothing and stays failed") {
  std::array<std::uint8_t, 3> bytes{};
  Writer writer(bytes);
  writer.u16(0x0102).u16(0x0304).u8(9);
  CHECK_FALSE(writer.ok());
  CHECK(writer.size() == 2);
  CHECK(bytes == std::array<std::uint8_t, 3>{1, 2, 0});
}

TEST_CASE("an address has one spelling") {
  CHECK(Address::parse("::ffff:192.0.2.1", 5) == Address::parse("192.0.2.1", 5));
  CHECK(Address::parse("2001:DB8::1", 5)->text() == "[2001:db8::1]:5");
  CHECK(Address::parse_with_port("[2001:db8::1]:5") == Address::parse("2001:db8::1", 5));
  CHECK(Address::parse_with_port("192.0.2.1:5000")->text() == "192.0.2.1:5000");
  for (const auto* bad : {"", "1.2.3.4", "1.2.3.4:", "1.2.3.4:70000", "1.2.3.4:5x", "::1:5", "example.org:5"})
    CHECK_FALSE(Address::parse_with_port(bad));
  CHECK(Address::parse("127.3.2.1", 0)->is_loopback());
  CHECK(Address::parse("::1", 0)->is_loopback());
  CHECK(Address::parse("fe80::1", 0)->is_link_local());
  CHECK(Address::parse("0.0.0.0", 0)->is_unspecified());
}

TEST_CASE("a customer is one IPv4 address, also a mapped one, or an IPv6 network of 64 bits") {
  const auto customer = [](const char* host) { return Address::parse(host, 5)->customer().text(); };
  CHECK(customer("192.0.2.1") == "192.0.2.1:0");
  CHECK(customer("::ffff:192.0.2.1") == "192.0.2.1:0");
  CHECK(customer("::ffff:192.0.2.2") == "192.0.2.2:0");
  CHECK(customer("2001:db8:1:2::1") == "[2001:db8:1:2::]:0");
  CHECK(customer("2001:db8:1:2:ffff:ffff:ffff:ffff") == "[2001:db8:1:2::]:0");
  CHECK(customer("2001:db8:1:3::1") == "[2001:db8:1:3::]:0");
  CHECK(customer("2001:db8:0:ff02::1") == "[2001:db8:0:ff02::]:0");
}

TEST_CASE("sequence numbers unwrap across the border in both directions") {
  Unwrapper<std::uint16_t> unwrapper;
  const auto first = unwrapper.unwrap(65534);
  CHECK(unwrapper.unwrap(1) == first + 3);
  CHECK(unwrapper.unwrap(65535) == first + 1);
  CHECK(unwrapper.unwrap(2) == first + 4);
}

TEST_CASE("a packet older than the first still unwraps to a positive number") {
  Unwrapper<std::uint16_t> unwrapper;
  const auto first = unwrapper.unwrap(3);
  CHECK(unwrapper.peek(65535) == first - 4);
  CHECK(first - 4 > 0);
}

TEST_CASE("a random generator repeats for one seed and differs for another") {
  auto one = Random::from_number(1), same = Random::from_number(1), other = Random::from_number(2);
  CHECK(one.next() == same.next());
  CHECK(one.ice_characters(24) == same.ice_characters(24));
  CHECK(one.next() != other.next());
  for (int i = 0; i < 1000; ++i) CHECK(one.below(7) < 7);
}

TEST_CASE("base64 has its own alphabet, and pads to four characters (RFC 4648 section 10)") {
  CHECK(base64_encode(as_bytes("")) == "");
  CHECK(base64_encode(as_bytes("f")) == "Zg==");
  CHECK(base64_encode(as_bytes("fo")) == "Zm8=");
  CHECK(base64_encode(as_bytes("foo")) == "Zm9v");
  CHECK(base64_encode(Buffer{0xfb, 0xff, 0x00}) == "+/8A");
}

TEST_CASE("base64url refuses what is not in its alphabet") {
  const std::uint8_t bytes[] = {0xfb, 0xff, 0x00, 0x10};
  CHECK(base64url_encode(bytes) == "-_8AEA");
  CHECK(base64url_decode("-_8AEA") == Buffer{0xfb, 0xff, 0x00, 0x10});
  CHECK_FALSE(base64url_decode("-_8A="));
  CHECK_FALSE(base64url_decode("a"));
  CHECK_FALSE(base64url_decode("a+b/"));
}

TEST_CASE("the digests are those of their standards") {
  CHECK(crc32(as_bytes("123456789")) == 0xcbf43926U);
  CHECK(crc32(as_bytes("The quick brown fox jumps over the lazy dog")) == 0x414fa339U);
  CHECK(crc32({}) == 0);
  // RFC 1321 appendix A.5, RFC 4648 section 10.
  CHECK(Reader(md5(as_bytes("message digest"))).u32() == 0xf96b697dU);
  CHECK(base64_encode(as_bytes("foob")) == "Zm9vYg==");
  CHECK(base64_encode(as_bytes("foobar")) == "Zm9vYmFy");
  // RFC 2202 case 2, RFC 4231 case 2.
  const auto sha1 = hmac_sha1(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"));
  CHECK(Reader(sha1).u32() == 0xeffcdf6aU);
  const auto sha2 = hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"));
  CHECK(Reader(sha2).u32() == 0x5bdcc146U);
  CHECK(equal_in_constant_time(as_bytes("same"), as_bytes("same")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("some")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("sam")));
}

TEST_CASE("a batch keeps its slots and forgets their contents") {
  DatagramBatch batch;
  const Path path{Protocol::udp, *Address::parse("127.0.0.1", 1), *Address::parse("127.0.0.1", 2)};
  CHECK(batch.add(path, as_bytes("hello")));
  const auto* slot = batch.entries()[0].slot.get();
  batch.clear();
  CHECK(batch.empty());
  CHECK(batch.reserve().data() == slot->data());
  CHECK_FALSE(batch.add(path, Buffer(DatagramBatch::slot_size + 1)));
}

TEST_CASE("every drop reason has a name") {
  CHECK(name(DropReason::empty_datagram) == "empty_datagram");
  CHECK(name(DropReason::tcp_too_many_connections) == "tcp_too_many_connections");
}
