#include "sfu/net/connection_count.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::net;

namespace {
Address from(const char* host, std::uint16_t port = 1) { return *Address::parse(host, port); }
}  // namespace

TEST_CASE("One address has only so many connections, whatever its ports, and one that has ended makes place") {
  ConnectionCount count(100, 2);
  CHECK(count.add(from("192.0.2.7", 1)));
  CHECK(count.add(from("192.0.2.7", 2)));
  CHECK_FALSE(count.add(from("192.0.2.7", 3)));
  CHECK(count.add(from("2001:db8::7")));
  count.remove(from("192.0.2.7", 2));
  CHECK(count.add(from("192.0.2.7", 3)));
  CHECK(count.total() == 3);
}

TEST_CASE("An IPv6 network of 64 bits has as many connections as one IPv4 address, also a mapped one") {
  ConnectionCount count(100, 2);
  CHECK(count.add(from("2001:db8:1:2::1")));
  CHECK(count.add(from("2001:db8:1:2:ffff::2")));
  CHECK_FALSE(count.add(from("2001:db8:1:2:3:4:5:6")));
  CHECK(count.add(from("2001:db8:1:3::1")));
  for (int i = 0; i < 2; ++i) CHECK(count.add(from("::ffff:192.0.2.7")));
  CHECK_FALSE(count.add(from("192.0.2.7")));
  CHECK(count.add(from("::ffff:192.0.2.8")));
  count.remove(from("2001:db8:1:2:ffff::2"));
  CHECK(count.add(from("2001:db8:1:2:3:4:5:6")));
  CHECK(count.total() == 6);
}

TEST_CASE("A proxy on this machine is many people: only the limit on all connections holds") {
  for (const char* host : {"127.0.0.1", "127.5.0.1", "::1"}) {
    ConnectionCount count(3, 1);
    for (int i = 0; i < 3; ++i) CHECK(count.add(from(host)));
    CHECK_FALSE(count.add(from(host)));
    CHECK_FALSE(count.add(from("192.0.2.7")));
    CHECK(count.total() == 3);
    count.remove(from(host));
    CHECK(count.add(from("192.0.2.7")));
  }
}
