#include "sfu/net/candidates.hpp"

#include <catch2/catch.hpp>

#include "sfu/net/interfaces.hpp"

using namespace parley;
using namespace parley::net;

namespace {

Address address(const char* text) { return *Address::parse(text, 0); }

}  // namespace

TEST_CASE("Each address gives a UDP candidate and a passive TCP candidate, UDP preferred") {
  const auto lines = candidate_lines({address("192.0.2.1"), address("2001:db8::1")}, 40000, {});
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host");
  CHECK(lines[1] == "candidate:2 1 tcp 1671430143 192.0.2.1 40000 typ host tcptype passive");
  CHECK(lines[2] == "candidate:3 1 udp 2130706175 2001:db8::1 40000 typ host");
  CHECK(lines[3] == "candidate:4 1 tcp 1671429887 2001:db8::1 40000 typ host tcptype passive");
}

TEST_CASE("A closed transport is not advertised") {
  CHECK(candidate_lines({address("192.0.2.1")}, 1, {true, false}) ==
        std::vector<std::string>{"candidate:1 1 udp 2130706431 192.0.2.1 1 typ host"});
  CHECK(candidate_lines({address("192.0.2.1")}, 1, {false, true}).size() == 1);
}

TEST_CASE("An advertised address may have the port of a mapping on a NAT") {
  CHECK(candidate_lines({*parse_advertised("192.0.2.7:5000")}, 40001, {true, false}).front() ==
        "candidate:1 1 udp 2130706431 192.0.2.7 5000 typ host");
  CHECK(parse_advertised("2001:db8::7") == address("2001:db8::7"));
  CHECK(parse_advertised("[2001:db8::7]:5000")->port() == 5000);
  for (const char* wrong : {"", "host", "192.0.2.7:", "192.0.2.7:0", "192.0.2.7:70000", "[::1]"})
    CHECK_FALSE(parse_advertised(wrong));
}

TEST_CASE("Transports are named udp, tcp or both") {
  CHECK(parse_transports("udp")->tcp == false);
  CHECK(parse_transports("tcp")->udp == false);
  CHECK(parse_transports("tcp,udp")->udp);
  CHECK_FALSE(parse_transports("sctp"));
  CHECK_FALSE(parse_transports(""));
}

TEST_CASE("Loopback, link-local and absent interfaces are not advertised, IPv4 comes first, and nothing twice") {
  const std::vector<InterfaceAddress> interfaces = {
      {address("127.0.0.1"), true}, {address("2001:db8::5"), true}, {address("fe80::1"), true},  {address("169.254.3.4"), true},
      {address("10.0.0.5"), true},  {address("10.0.0.6"), false},   {address("10.0.0.5"), true},
  };
  CHECK(reachable_addresses(interfaces) == std::vector<Address>{address("10.0.0.5"), address("2001:db8::5")});
}

TEST_CASE("A machine with nothing but its loopback advertises that") {
  CHECK(reachable_addresses({{address("127.0.0.1"), true}, {address("::1"), true}}) ==
        std::vector<Address>{address("127.0.0.1")});
}
