// Whom nobody may reach through the relay: every refused address, in all its disguises, through every door.

#include "turn/peer_policy.hpp"

#include "tests/unit/turn/relay_harness.hpp"

namespace parley::turn {

namespace {

struct Refused {
  const char* address;
  const char* why;
};

constexpr Refused refused_v4[] = {
    {"0.0.0.0", "this host: the kernel takes it for loopback"},
    {"0.1.2.3", "this network"},
    {"10.0.0.1", "private"},
    {"10.255.255.255", "private"},
    {"100.64.0.1", "behind a provider's NAT"},
    {"100.127.255.255", "behind a provider's NAT"},
    {"127.0.0.1", "loopback"},
    {"127.255.255.254", "loopback"},
    {"169.254.0.1", "link-local"},
    {"169.254.169.254", "metadata of clouds"},
    {"172.16.0.1", "private"},
    {"172.31.255.255", "private"},
    {"192.0.0.1", "protocol assignments"},
    {"192.0.0.192", "metadata of a cloud"},
    {"192.0.2.1", "documentation"},
    {"192.88.99.1", "6to4 relays"},
    {"192.168.0.1", "private"},
    {"192.168.255.255", "private"},
    {"198.18.0.1", "benchmarks"},
    {"198.19.255.255", "benchmarks"},
    {"198.51.100.1", "documentation"},
    {"203.0.113.1", "documentation"},
    {"224.0.0.1", "multicast"},
    {"239.255.255.250", "multicast"},
    {"240.0.0.1", "reserved"},
    {"255.255.255.255", "broadcast"},
};

constexpr Refused refused_v6[] = {
    {"::", "unspecified"},
    {"::1", "loopback"},
    {"::2", "0.0.0.2 in disguise"},
    {"100::1", "discard"},
    {"64:ff9b:1::1", "local NAT64: where the IPv4 address stands is not known"},
    {"64:ff9b:1:7f00:0:100::", "local NAT64 with 127.0.0.1"},
    {"64:ff9b:1:808:8:800:7f00:1", "local NAT64, two ways to read it"},
    {"2001:2::1", "benchmarks"},
    {"2001:10::1", "ORCHID"},
    {"2001:20::1", "ORCHID"},
    {"2001:db8::1", "documentation"},
    {"3fff::1", "documentation"},
    {"4000::1", "not assigned"},
    {"5f00::1", "segment routing"},
    {"fc00::1", "unique local"},
    {"fd00:ec2::254", "metadata of a cloud"},
    {"fe80::1", "link-local"},
    {"febf::1", "link-local"},
    {"fec0::1", "site-local"},
    {"ff02::1", "multicast"},
    {"ff0e::1", "multicast"},
};

constexpr const char* allowed_addresses[] = {
    "1.1.1.1",         "8.8.8.8",    "9.255.255.255",   "11.0.0.0",     "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0",  "172.15.0.1",      "172.32.0.1",   "192.0.1.0",      "192.167.1.1",
    "198.17.255.255",  "198.20.0.0", "223.255.255.255", "2606:4700::1", "2a00:1450::1",   "2001:4860:4860::8888",
};

/// Every way to write an IPv4 address as an IPv6 address that leads to it.
std::vector<std::string> disguises(const std::string& four) {
  const Address plain = *Address::parse(four, 0);
  const Bytes o = plain.octets();
  char hex[16];
  std::snprintf(hex, sizeof hex, "%02x%02x:%02x%02x", o[0], o[1], o[2], o[3]);
  char inverted[16];
  std::snprintf(inverted, sizeof inverted, "%02x%02x:%02x%02x", 255 - o[0], 255 - o[1], 255 - o[2], 255 - o[3]);
  const std::string text(hex);
  return {"::ffff:" + four,
          "::" + text,
          "::ffff:0:" + text,
          "2002:" + text + "::1",
          "2002:" + text + ":ffff:ffff:ffff:ffff:ffff",
          "64:ff9b::" + text,
          "2001:0:808:808:8000:1234:" + std::string(inverted)};
}

std::vector<std::string> all_refused() {
  std::vector<std::string> all;
  for (const Refused& entry : refused_v4) {
    all.emplace_back(entry.address);
    for (const std::string& disguise : disguises(entry.address)) all.push_back(disguise);
  }
  for (const Refused& entry : refused_v6) all.emplace_back(entry.address);
  return all;
}

void both_families(stun::Builder& b) { b.u32(Attribute::additional_address_family, 0x02000000); }

PeerPolicy::Rule rule(bool allow, std::string_view prefix, std::uint16_t first = 0, std::uint16_t last = 65535) {
  return {allow, *AddressPrefix::parse(prefix), first, last};
}

/// IPv4-mapped addresses as they stand on the wire; stun::Builder would write them as IPv4.
void raw_xor_peer(stun::Builder& b, const std::string& host, const Buffer& transaction) {
  std::array<std::uint8_t, 20> value{0, 2, 0x21 ^ 0x1b, 0x12 ^ 0x58};
  std::array<std::uint8_t, 16> octets{};
  octets[10] = octets[11] = 0xff;
  std::ranges::copy(Address::parse(host, 0)->octets(), octets.begin() + 12);
  Buffer pad = {0x21, 0x12, 0xa4, 0x42};
  pad.insert(pad.end(), transaction.begin(), transaction.end());
  for (std::size_t i = 0; i < octets.size(); ++i) value[4 + i] = static_cast<std::uint8_t>(octets[i] ^ pad[i]);
  b.bytes(Attribute::xor_peer_address, value);
}

}  // namespace

TEST_CASE("No refused address is reached, in whatever disguise, by permission, channel, Send or Connect") {
  Config config = default_config();
  config.limits.allocations_of_user = 1000;
  RelayHarness relay(config);
  TurnUser ada;
  REQUIRE(relay.allocate(client, ada, both_families).message->xor_addresses(Attribute::xor_relayed_address)->size() == 2);
  REQUIRE(relay
              .allocate(
                  stream, ada, [](auto& b) { both_families(b); }, 6)
              .is_success());
  for (const std::string& text : all_refused()) {
    INFO(text);
    const Address host = *Address::parse(text, 7000);
    CHECK(relay.permit(client, ada, host).error() == 403);
    CHECK(relay.bind(client, ada, 0x4000, host).error() == 403);
    CHECK(relay.ask(stream, ada, Method::connect, [&](auto& b) { b.xor_address(Attribute::xor_peer_address, host); }).error() ==
          403);
    relay.ask_in_vain(client, test::send_indication(host, as_bytes("x")));
    CHECK(relay.from_peer(relay.all<OpenRelay>()[0].relay, host, "x").empty());
    CHECK(relay.from_peer(relay.all<OpenRelay>()[1].relay, host, "x").empty());
  }
  CHECK(relay.relayed.empty());
  CHECK(relay.all<ConnectPeer>().empty());
  CHECK(relay.server.reasons()[Reason::peer_refused] == 4 * all_refused().size());
}

TEST_CASE("IPv4-mapped addresses as they stand on the wire are refused, too") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada, both_families);
  for (const Refused& entry : refused_v4) {
    INFO(entry.address);
    const Received answer = relay.ask(client, ada, Method::create_permission, [&](stun::Builder& b) {
      Buffer transaction(12);
      Writer(transaction).u32(static_cast<std::uint32_t>(std::hash<std::string>{}(ada.name))).u64(ada.transactions);
      raw_xor_peer(b, entry.address, transaction);
    });
    CHECK(answer.error() == 403);
  }
}

TEST_CASE("Globally routable addresses are allowed, and IPv6 addresses that embed one") {
  const PeerPolicy policy;
  for (const char* text : allowed_addresses) {
    INFO(text);
    CHECK(policy.allows(*Address::parse(text, 1)));
    CHECK(policy.allowed_ports(*Address::parse(text, 0)) == AllowedPorts::all);
  }
  for (const std::string& text : disguises("8.8.8.8")) {
    INFO(text);
    CHECK(unwrapped(*Address::parse(text, 5)) == *Address::parse("8.8.8.8", 5));
    CHECK(policy.allows(*Address::parse(text, 5)));
  }
}

TEST_CASE("The first rule that matches decides, ports included, and disguises meet the rule of what they hide") {
  const PeerPolicy policy({rule(true, "192.0.2.1", 40000, 40001), rule(false, "192.0.2.1"), rule(false, "8.8.8.0/24"),
                           rule(true, "10.1.0.0/16"), rule(false, "9.9.9.9", 53, 53)});
  const auto allows = [&](std::string_view text) { return policy.allows(address(text)); };
  CHECK(allows("192.0.2.1:40000"));
  CHECK(allows("192.0.2.1:40001"));
  CHECK_FALSE(allows("192.0.2.1:40002"));
  CHECK_FALSE(allows("192.0.2.1:3478"));
  CHECK_FALSE(allows("8.8.8.8:1"));
  CHECK_FALSE(allows("[2002:808:808::1]:1"));
  CHECK_FALSE(allows("[64:ff9b::808:808]:1"));
  CHECK(allows("10.1.2.3:1"));
  CHECK_FALSE(allows("10.2.0.1:1"));
  CHECK(allows("9.9.9.9:443"));
  CHECK_FALSE(allows("9.9.9.9:53"));
  CHECK(policy.allowed_ports(address("192.0.2.1:0")) == AllowedPorts::some);
  CHECK(policy.allowed_ports(address("8.8.8.8:0")) == AllowedPorts::none);
  CHECK(policy.allowed_ports(address("10.1.0.1:0")) == AllowedPorts::all);
  CHECK(policy.allowed_ports(address("9.9.9.9:0")) == AllowedPorts::some);
}

TEST_CASE("Of an address with some allowed ports only those are reached, and only they reach the client") {
  Config config = default_config();
  config.peers = PeerPolicy({rule(true, "127.0.0.1", 40000, 40000)});
  RelayHarness relay(config);
  TurnUser ada;
  relay.allocate(client, ada);
  REQUIRE(relay.permit(client, ada, address("127.0.0.1:0")).is_success());
  relay.receive(client, test::send_indication(address("127.0.0.1:40000"), as_bytes("x")));
  CHECK(relay.relayed.size() == 1);
  relay.receive(client, test::send_indication(address("127.0.0.1:22"), as_bytes("x")));
  CHECK(relay.relayed.size() == 1);
  CHECK(relay.bind(client, ada, 0x4000, address("127.0.0.1:22")).error() == 403);
  CHECK(relay.bind(client, ada, 0x4000, address("127.0.0.1:40000")).is_success());
  CHECK_FALSE(relay.from_peer(relay.relay(), address("127.0.0.1:40000"), "x").empty());
  CHECK(relay.from_peer(relay.relay(), address("127.0.0.1:22"), "x").empty());
}

TEST_CASE("A prefix is read strictly") {
  CHECK(AddressPrefix::parse("10.0.0.0/8")->contains(address("10.255.0.1:1")));
  CHECK_FALSE(AddressPrefix::parse("10.0.0.0/9")->contains(address("10.128.0.1:1")));
  CHECK(AddressPrefix::parse("0.0.0.0/0")->contains(address("1.2.3.4:1")));
  CHECK_FALSE(AddressPrefix::parse("0.0.0.0/0")->contains(address("[2606::1]:1")));
  CHECK(AddressPrefix::parse("2001:db8::/33")->contains(address("[2001:db8:7fff::1]:1")));
  CHECK_FALSE(AddressPrefix::parse("2001:db8::/33")->contains(address("[2001:db8:8000::1]:1")));
  CHECK(AddressPrefix::parse("::1")->bits == 128);
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8x", "10.0.0.0/-1", "example.org", "::/129"})
    CHECK_FALSE(AddressPrefix::parse(text));
}

}  // namespace parley::turn
