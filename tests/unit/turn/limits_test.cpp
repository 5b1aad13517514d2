// Every limit: what happens at it, that it is counted, and what a client costs.

#include "tests/support/allocations.hpp"
#include "tests/unit/turn/relay_harness.hpp"
#include "turn/address_limits.hpp"
#include "turn/rate_limit.hpp"

namespace parley::turn {

namespace {

/// A client of its own for each number, all behind other addresses.
Path path_of(std::uint32_t number) {
  const auto octet = [&](int shift) { return static_cast<std::uint8_t>(number >> shift); };
  return {Protocol::udp, client.local, Address::v4({8, octet(16), octet(8), octet(0)}, 50000)};
}

TurnUser user(const std::string& name) {
  const TimeLimited made = make_time_limited("new secret", name, Time(seconds(1'800'000'000)));
  return {.name = made.username, .password = made.password};
}

}  // namespace

TEST_CASE("A user has no more allocations than his quota, whatever credentials he shows; a new one fits when one has gone") {
  Config config = default_config();
  config.limits.allocations_of_user = 2;
  RelayHarness relay(config);
  TurnUser ada = user("ada");
  relay.allocate(path_of(1), ada);
  TurnUser later = {.name = "1799999999:ada", .password = password_of("old secret", "1799999999:ada")};
  relay.allocate(path_of(2), later);
  CHECK(relay.server.allocations() == 2);
  ada.nonce.clear();
  CHECK(relay.allocate(path_of(3), ada).error() == 486);
  CHECK(relay.server.reasons()[Reason::user_quota] == 1);
  TurnUser bob = user("bob");
  CHECK(relay.allocate(path_of(4), bob).is_success());
  relay.refresh(path_of(2), later, 0);
  CHECK(relay.allocate(path_of(3), ada).is_success());
}

TEST_CASE("An address has no more allocations than its quota, and a /64 counts as one address") {
  Config config = default_config();
  config.limits.allocations_of_address = 1;
  RelayHarness relay(config);
  TurnUser ada = user("ada");
  TurnUser bob = user("bob");
  const Path one{Protocol::udp, client.local, address("[2606:4700:1:2::1]:5000")};
  const Path two{Protocol::udp, client.local, address("[2606:4700:1:2:ffff::9]:5000")};
  const Path three{Protocol::udp, client.local, address("[2606:4700:1:3::1]:5000")};
  CHECK(relay.allocate(one, ada).is_success());
  CHECK(relay.allocate(two, bob).error() == 486);
  CHECK(relay.server.reasons()[Reason::address_quota] == 1);
  bob.nonce.clear();
  CHECK(relay.allocate(three, bob).is_success());
}

TEST_CASE("Quotas hold over all workers") {
  Config config = default_config();
  config.limits.allocations_of_user = 2;
  Quotas quotas({3});
  RelayHarness one(config, &quotas);
  RelayHarness two(config, &quotas);
  TurnUser ada = user("ada");
  CHECK(one.allocate(client, ada).is_success());
  CHECK(two.allocate(client, ada).is_success());
  CHECK(one.allocate(data_stream, ada).error() == 486);
  two.refresh(client, ada, 0);
  CHECK(one.allocate(data_stream, ada).is_success());
}

TEST_CASE("A worker has no more allocations than its limit") {
  Config config = default_config();
  config.limits.allocations = 1;
  RelayHarness relay(config);
  TurnUser ada;
  relay.allocate(client, ada);
  CHECK(relay.allocate(stream, ada).error() == 508);
  CHECK(relay.server.reasons()[Reason::too_many_allocations] == 1);
}

TEST_CASE("Permissions and channels are limited; what has expired makes room") {
  Config config = default_config();
  config.limits.permissions = 2;
  config.limits.channels = 2;
  RelayHarness relay(config);
  TurnUser ada;
  relay.allocate(client, ada, [](auto& b) { b.u32(Attribute::lifetime, 3600); });
  CHECK(relay.permit(client, ada, address("8.8.8.1:0")).is_success());
  CHECK(relay.permit(client, ada, address("8.8.8.2:0")).is_success());
  CHECK(relay.permit(client, ada, address("8.8.8.2:0")).is_success());
  CHECK(relay.permit(client, ada, address("8.8.8.3:0")).error() == 508);
  CHECK(relay.bind(client, ada, 0x4000, address("8.8.8.3:1")).error() == 508);
  CHECK(relay.bind(client, ada, 0x4000, address("8.8.8.1:1")).is_success());
  CHECK(relay.bind(client, ada, 0x4001, address("8.8.8.1:2")).is_success());
  CHECK(relay.bind(client, ada, 0x4002, address("8.8.8.1:3")).error() == 508);
  CHECK(relay.server.reasons()[Reason::too_many_permissions] == 2);
  CHECK(relay.server.reasons()[Reason::too_many_channels] == 1);
  relay.advance(minutes(10));
  relay.learn(client, ada);
  CHECK(relay.permit(client, ada, address("8.8.8.3:0")).is_success());
  CHECK(relay.bind(client, ada, 0x4002, address("8.8.8.3:3")).is_success());
}

TEST_CASE("Bandwidth is limited for a user over his allocations, and for an address over its users") {
  Config config = default_config();
  config.limits.bandwidth_of_user = 100'000;
  RelayHarness relay(config);
  TurnUser ada;
  relay.allocate(client, ada);
  relay.allocate(stream, ada);
  relay.bind(client, ada, 0x4000, peer);
  relay.bind(stream, ada, 0x4000, peer);
  const auto pass = [&] {
    relay.relayed.clear();
    for (int i = 0; i < 100; ++i)
      for (const Path& path : {client, stream}) relay.receive(path, test::channel_data(0x4000, Buffer(1000)));
    return relay.relayed.size();
  };
  CHECK(pass() == 65);
  CHECK(relay.server.reasons()[Reason::over_bandwidth] == 135);
  relay.now += milliseconds(100);
  CHECK(pass() == 10);
  CHECK(relay.from_peer(relay.relay(), peer, std::string(1000, 'x')).empty());
  relay.now += milliseconds(10);
  CHECK_FALSE(relay.from_peer(relay.relay(), peer, std::string(1000, 'x')).empty());

  config.limits.bandwidth_of_user = 0;
  config.limits.bandwidth_of_address = 100'000;
  RelayHarness other(config);
  TurnUser bob{.name = "bob", .password = "builder"};
  ada.nonce.clear();
  other.allocate(client, ada);
  other.allocate(stream, bob);
  other.bind(client, ada, 0x4000, peer);
  other.bind(stream, bob, 0x4000, peer);
  for (int i = 0; i < 100; ++i)
    for (const Path& path : {client, stream}) other.receive(path, test::channel_data(0x4000, Buffer(1000)));
  CHECK(other.relayed.size() == 65);
}

TEST_CASE("Nobody who has not proved his address is sent more than he sent, but for the allowance") {
  Config config = default_config();
  config.limits.refusals_per_second = config.limits.refusals_at_once = 1'000'000;
  RelayHarness relay(config);
  TurnUser ada;
  const Buffer request = ada.request(Method::allocate, [](auto& b) { test::request_transport(b); });
  std::size_t sent = 0;
  std::size_t received = 0;
  for (int i = 0; i < 10'000; ++i) {
    relay.sent.clear();
    relay.receive(client, request);
    received += request.size();
    for (const Sent& answer : relay.sent) sent += answer.answer.bytes.size();
    relay.now += milliseconds(1);
  }
  // Ten seconds: 16000 bytes at once, and 4000 in each second, more than came.
  CHECK(sent <= received + 16'000 + 10 * 4'000);
  CHECK(relay.server.reasons()[Reason::refusal_limited] > 9'000);

  // Answers that are not larger than the request take nothing from that.
  Buffer large = ada.request(Method::allocate, [](auto& b) { b.bytes(static_cast<Attribute>(0x8022), Buffer(100)); });
  CHECK(relay.ask(client, large).error() == 401);
  // Others have an allowance of their own.
  CHECK(relay.ask(path_of(1), request).error() == 401);
  // And by TCP nobody can say that he is somebody else.
  CHECK(relay.ask(stream, request).error() == 401);
}

TEST_CASE("Binding requests are answered within the same allowance") {
  RelayHarness relay;
  TurnUser ada;
  const Buffer request = ada.request(Method::binding);
  int answers = 0;
  for (int i = 0; i < 5000; ++i) {
    relay.sent.clear();
    relay.receive(client, request);
    answers += static_cast<int>(relay.sent.size());
  }
  CHECK(answers == 16'000 / 12);
}

TEST_CASE("Refusals are limited in number for each address: passwords can't be guessed quickly") {
  RelayHarness relay;
  TurnUser ada{.password = "wrong"};
  relay.learn(client, ada);
  int refusals = 0;
  for (int i = 0; i < 2000; ++i) {
    relay.sent.clear();
    relay.receive(client, ada.request(Method::allocate, [](auto& b) { test::request_transport(b); }));
    refusals += static_cast<int>(relay.sent.size());
  }
  CHECK(refusals == 399);
  relay.now += seconds(1);
  relay.sent.clear();
  for (int i = 0; i < 200; ++i) relay.receive(client, ada.request(Method::allocate));
  CHECK(relay.sent.size() == 50);
}

TEST_CASE("Floods from many addresses leave nothing behind") {
  RelayHarness relay;
  TurnUser ada;
  const auto flood = [&](std::uint32_t first) {
    for (std::uint32_t i = first; i < first + 20'000; ++i) {
      relay.receive(path_of(i), ada.request(Method::allocate));
      relay.sent.clear();
      relay.raw.clear();
    }
  };
  flood(0);
  const std::uint64_t before = test::allocated_bytes();
  flood(100'000);
  CHECK(test::allocated_bytes() <= before + 1000);
  CHECK(relay.server.empty());
}

TEST_CASE("An allocation takes at most 4 kB, with all its permissions and channels") {
  RelayHarness relay;
  TurnUser ada = user("a user name as long as the ones that a signaling server gives out to its participants");
  relay.server.receive(relay.now, client, ada.request(Method::allocate), relay.out);
  const auto quiet = [&](const Path& path, const Buffer& request) {
    relay.server.receive(relay.now, path, request, relay.out);
    for (std::size_t i = 0; i < relay.out.commands.size(); ++i)
      if (const auto* open = std::get_if<OpenRelay>(&relay.out.commands[i]))
        relay.server.relay_opened(relay.now, RelayId(open->relay), relay.out);
    const bool good = relay.out.to_clients.size() == 1 && Received(relay.out.to_clients[0].payload).is_success();
    relay.out.clear();
    return good;
  };
  relay.out.clear();
  constexpr std::uint32_t count = 60;
  const Limits limits;
  std::uint64_t before = 0;
  for (std::uint32_t i = 0; i < 1 + count; ++i) {
    if (i == 1) before = test::allocated_bytes();
    TurnUser one = ada;
    relay.learn(path_of(i), one);
    relay.sent.clear();
    relay.raw.clear();
    REQUIRE(quiet(path_of(i), one.request(Method::allocate, [](auto& b) {
      test::request_transport(b);
      b.u32(Attribute::additional_address_family, 0x02000000);
    })));
    for (std::uint32_t p = 0; p < limits.permissions; ++p)
      REQUIRE(quiet(path_of(i), one.request(Method::create_permission,
                                            [&](auto& b) { b.xor_address(Attribute::xor_peer_address, path_of(p).remote); })));
    for (std::uint32_t c = 0; c < limits.channels; ++c)
      REQUIRE(quiet(path_of(i), one.request(Method::channel_bind, [&](auto& b) {
        b.u32(Attribute::channel_number, (0x4000 + c) << 16).xor_address(Attribute::xor_peer_address, path_of(c).remote);
      })));
  }
  const std::uint64_t each = (test::allocated_bytes() - before) / count;
  INFO("bytes for each allocation: " << each);
  CHECK(each <= 4096);
}

TEST_CASE("Relaying allocates no memory") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  relay.bind(client, ada, 0x4000, peer);
  const Buffer message = test::channel_data(0x4000, Buffer(1000));
  const Buffer indication = test::send_indication(peer, Buffer(1000));
  const Buffer datagram(1000);
  const RelayId id = relay.relay();
  const auto round = [&] {
    for (int i = 0; i < 32; ++i) {
      relay.server.receive(relay.now, client, message, relay.out);
      relay.server.receive(relay.now, client, indication, relay.out);
      relay.server.receive_from_peer(relay.now, id, peer, datagram, relay.out);
      relay.server.receive_from_peer(relay.now, id, peer.with_port(1), datagram, relay.out);
    }
    const std::size_t relayed = relay.out.to_peers.size() + relay.out.to_clients.size();
    relay.out.clear();
    return relayed;
  };
  CHECK(round() == 128);
  const std::uint64_t before = test::allocations();
  for (int i = 0; i < 10; ++i) round();
  CHECK(test::allocations() == before);
}

TEST_CASE("Clients that come and go leave nothing behind, not even a timer") {
  RelayHarness relay;
  const auto come_and_go = [&] {
    for (std::uint32_t i = 0; i < 2000; ++i) {
      TurnUser ada = user("ada");
      relay.allocate(path_of(i), ada);
      relay.refresh(path_of(i), ada, 0);
      relay.raw.clear();
      relay.sent.clear();
      relay.commands.clear();
      relay.events.clear();
    }
  };
  come_and_go();
  const std::uint64_t before = test::allocated_bytes();
  come_and_go();
  CHECK(test::allocated_bytes() <= before + 10'000);
}

}  // namespace parley::turn
