// Allocate and Refresh: RFC 8656 sections 7 and 8, step by step.

#include "tests/unit/turn/relay_harness.hpp"

namespace parley::turn {

namespace {

std::vector<Address> relayed(const Received& answer) {
  return answer.message->xor_addresses(Attribute::xor_relayed_address).value_or(std::vector<Address>());
}

TurnUser::Fill family(std::uint8_t number, Attribute type = Attribute::requested_address_family) {
  return [=](stun::Builder& b) { b.u32(type, std::uint32_t{number} << 24); };
}

TurnUser::Fill even_port(bool with_next) {
  return [=](stun::Builder& b) { b.bytes(Attribute::even_port, Buffer{static_cast<std::uint8_t>(with_next ? 0x80 : 0)}); };
}

}  // namespace

TEST_CASE("A retransmitted Allocate gets the same answer and makes nothing new; another one gets a 437") {
  RelayHarness relay;
  TurnUser ada;
  relay.learn(client, ada);
  const Buffer request = ada.request(Method::allocate, [](auto& b) { test::request_transport(b); });
  const Received first = relay.ask(client, request);
  relay.advance(seconds(1));
  const Received again = relay.ask(client, request);
  CHECK(relayed(first) == relayed(again));
  CHECK(again.u32(Attribute::lifetime) == 599);
  CHECK(relay.server.allocations() == 1);
  CHECK(relay.sockets == 1);
  CHECK(relay.allocate(client, ada).error() == 437);
}

TEST_CASE("An Allocate that is repeated while its socket is being opened is answered once") {
  Quotas quotas({1});
  Server server(default_config(), default_credentials(), quotas, Random::from_number(1));
  TurnUser ada;
  Output out;
  const Time now{seconds(1'700'000'000)};
  server.receive(now, client, ada.request(Method::allocate), out);
  ada.learn(Received(out.to_clients.at(0).payload));
  out.clear();
  const Buffer request = ada.request(Method::allocate, [](auto& b) { test::request_transport(b); });
  server.receive(now, client, request, out);
  server.receive(now, client, request, out);
  REQUIRE(out.commands.size() == 1);
  CHECK(out.to_clients.empty());
  // Until it is open nothing else can be done with it.
  server.receive(now, client, ada.request(Method::refresh), out);
  CHECK(Received(out.to_clients.at(0).payload).error() == 437);
  const RelayId relay = std::get<OpenRelay>(out.commands[0]).relay;
  out.clear();
  server.relay_opened(now, relay, out);
  CHECK(out.to_clients.size() == 1);
}

TEST_CASE("REQUESTED-TRANSPORT: without it 400, with an unknown one 442, TCP only for clients that came by TCP") {
  RelayHarness relay;
  TurnUser ada;
  relay.learn(client, ada);
  CHECK(relay.ask(client, ada, Method::allocate).error() == 400);
  CHECK(relay.ask(client, ada, Method::allocate, [](auto& b) { b.bytes(Attribute::requested_transport, Buffer{17}); }).error() ==
        400);
  CHECK(relay.allocate(client, ada, {}, 1).error() == 442);
  CHECK(relay.allocate(client, ada, {}, 6).error() == 400);
  CHECK(relay.allocate(stream, ada, {}, 6).is_success());
  CHECK(relay.all<OpenRelay>().back().protocol == Protocol::tcp);
}

TEST_CASE("The family that was asked for is relayed: IPv4, IPv6, or both") {
  RelayHarness relay;
  TurnUser ada;
  CHECK_FALSE(relayed(relay.allocate(client, ada, family(2))).at(0).is_v4());
  relay.refresh(client, ada, 0);
  CHECK(relayed(relay.allocate(client, ada, family(1))).at(0).is_v4());
  relay.refresh(client, ada, 0);
  const auto both = relayed(relay.allocate(client, ada, family(2, Attribute::additional_address_family)));
  REQUIRE(both.size() == 2);
  CHECK(both[0].is_v4());
  CHECK_FALSE(both[1].is_v4());
  CHECK(relay.sockets == 2);
  CHECK(relay.permit(client, ada, peer).is_success());
  CHECK(relay.permit(client, ada, peer_v6).is_success());
  // One of them can be given back alone.
  CHECK(relay
            .ask(client, ada, Method::refresh,
                 [](auto& b) {
                   b.u32(Attribute::lifetime, 0);
                   family(1)(b);
                 })
            .is_success());
  CHECK(relay.sockets == 1);
  CHECK(relay.permit(client, ada, peer).error() == 443);
  CHECK(relay.permit(client, ada, peer_v6).is_success());
  CHECK(relay.ask(client, ada, Method::refresh, family(1)).error() == 443);
  relay.refresh(client, ada, 0);
  CHECK(relay.server.empty());
}

TEST_CASE("A family that does not exist or is not relayed is a 440, an additional one that is not relayed a remark") {
  Config config = default_config();
  config.relay_v6.reset();
  RelayHarness relay(config);
  TurnUser ada;
  CHECK(relay.allocate(client, ada, family(2)).error() == 440);
  CHECK(relay.allocate(client, ada, family(3)).error() == 440);
  const Received answer = relay.allocate(client, ada, family(2, Attribute::additional_address_family));
  CHECK(relayed(answer).size() == 1);
  const Bytes remark = *answer.message->find(Attribute::address_error_code);
  CHECK(Buffer(remark.begin(), remark.begin() + 4) == Buffer{2, 0, 4, 40});
  CHECK(relay.permit(client, ada, peer_v6).error() == 443);
  CHECK(relay.bind(client, ada, 0x4000, peer_v6).error() == 443);
}

TEST_CASE("Attributes that contradict each other get a 400") {
  RelayHarness relay;
  TurnUser ada;
  const auto token = [](stun::Builder& b) { b.u64(Attribute::reservation_token, 1); };
  const auto both = [](TurnUser::Fill one, TurnUser::Fill other) { return [=](stun::Builder& b) { one(b), other(b); }; };
  const auto additional = family(2, Attribute::additional_address_family);
  CHECK(relay.allocate(client, ada, both(token, even_port(false))).error() == 400);
  CHECK(relay.allocate(client, ada, both(token, family(1))).error() == 400);
  CHECK(relay.allocate(client, ada, both(token, additional)).error() == 400);
  CHECK(relay.allocate(client, ada, both(family(1), additional)).error() == 400);
  CHECK(relay.allocate(client, ada, family(1, Attribute::additional_address_family)).error() == 400);
  CHECK(relay.allocate(client, ada, both(even_port(true), additional)).error() == 400);
  CHECK(relay.allocate(stream, ada, even_port(false), 6).error() == 400);
  CHECK(relay
            .allocate(
                stream, ada, [](auto& b) { b.flag(Attribute::dont_fragment); }, 6)
            .error() == 400);
  CHECK(relay.server.empty());
}

TEST_CASE("EVEN-PORT gives an even port, and with its bit a token for the next one, good once and for thirty seconds") {
  RelayHarness relay;
  TurnUser ada;
  const Received first = relay.allocate(client, ada, even_port(true));
  const std::uint16_t port = relayed(first).at(0).port();
  CHECK(port % 2 == 0);
  const Bytes value = first.message->find(Attribute::reservation_token).value();
  const Buffer token(value.begin(), value.end());
  const auto claim = [&](stun::Builder& b) { b.bytes(Attribute::reservation_token, token); };

  TurnUser bob{.name = "bob", .password = "builder"};
  CHECK(relay.allocate(data_stream, bob, claim).error() == 508);  // it is Ada's
  const Received second = relay.allocate(stream, ada, claim);
  REQUIRE(second.is_success());
  CHECK(relayed(second).at(0).port() == port + 1);
  CHECK(relay.allocate(data_stream, ada, claim).error() == 508);
  CHECK(relay.server.reasons()[Reason::bad_reservation] == 2);

  relay.refresh(stream, ada, 0);
  relay.refresh(client, ada, 0);
  const Received third = relay.allocate(client, ada, even_port(true));
  const Bytes late = third.message->find(Attribute::reservation_token).value();
  const Buffer late_token(late.begin(), late.end());
  relay.advance(seconds(33));
  CHECK(relay.allocate(stream, ada, [&](auto& b) { b.bytes(Attribute::reservation_token, late_token); }).error() == 508);
}

TEST_CASE("A token of one worker is good at another one, to which the client's second 5-tuple may lead") {
  Config one = default_config();
  Config two = default_config();
  one.relay_ports = {50000, 50099};
  two.relay_ports = {50100, 50199};
  two.worker = 1;
  Quotas quotas({1});
  RelayHarness first(one, &quotas);
  RelayHarness second(two, &quotas);
  TurnUser ada;
  const Received answer = first.allocate(client, ada, even_port(true));
  const Bytes value = answer.message->find(Attribute::reservation_token).value();
  const Buffer token(value.begin(), value.end());
  const Received other = second.allocate(data_stream, ada, [&](auto& b) { b.bytes(Attribute::reservation_token, token); });
  REQUIRE(other.is_success());
  CHECK(relayed(other).at(0).port() == relayed(answer).at(0).port() + 1);
  // A port that somebody else took in between is a 508, as no other port will do.
  second.refresh(data_stream, ada, 0);
  second.failing = 1;
  CHECK(second.allocate(data_stream, ada, [&](auto& b) { b.bytes(Attribute::reservation_token, token); }).error() == 508);
  CHECK(second.server.empty());
}

TEST_CASE("A port that can't be bound is replaced by another one, until there is no use in trying") {
  RelayHarness relay;
  TurnUser ada;
  relay.failing = 7;
  CHECK(relay.allocate(client, ada).is_success());
  CHECK(relay.all<OpenRelay>().size() == 8);
  relay.failing = 8;
  CHECK(relay.allocate(stream, ada, even_port(true)).error() == 508);
  CHECK(relay.server.allocations() == 1);
  CHECK(relay.sockets == 1);
}

TEST_CASE("When all ports are taken it is a 508, and every way to give one back gives it back") {
  Config config = default_config();
  config.relay_ports = {50000, 50001};
  RelayHarness relay(config);
  TurnUser ada;
  CHECK(relay.allocate(client, ada, even_port(true)).is_success());
  CHECK(relay.allocate(stream, ada).error() == 508);
  CHECK(relay.server.reasons()[Reason::no_relay_port] == 1);
  relay.refresh(client, ada, 0);
  for (const auto end : {1, 2, 3, 4}) {
    REQUIRE(relay.allocate(client, ada, even_port(true)).is_success());
    if (end == 1) relay.refresh(client, ada, 0);
    if (end == 2) relay.advance(seconds(600));
    if (end == 3) relay.server.client_closed(relay.now, client, relay.out), relay.receive(client, {});
    if (end == 4) {
      relay.advance(seconds(31));  // the reserved port is free again while the allocation lives
      CHECK(relay.allocate(stream, ada).is_success());
    }
    ada.nonce.clear();
  }
}

TEST_CASE("An allocation ends with its lifetime, and a Refresh moves that") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  CHECK(relay.ask(client, ada, Method::refresh, [](auto& b) { b.bytes(Attribute::lifetime, Buffer{0}); }).error() == 400);
  relay.advance(seconds(599));
  CHECK(relay.refresh(client, ada, 10).u32(Attribute::lifetime) == 600);  // less than the default is not given
  relay.learn(client, ada);
  CHECK(relay.refresh(client, ada, 100000).u32(Attribute::lifetime) == 3600);
  relay.advance(seconds(3599));
  CHECK(relay.server.allocations() == 1);
  relay.advance(seconds(1));
  CHECK(relay.server.empty());
  CHECK(relay.sockets == 0);
  CHECK(std::get<AllocationClosed>(relay.events.back()).why == AllocationClosed::Why::expired);
  CHECK(relay.server.wakeup() == never);
}

TEST_CASE("Requests about an allocation that is not there get a 437") {
  RelayHarness relay;
  TurnUser ada;
  relay.learn(client, ada);
  CHECK(relay.refresh(client, ada, 0).error() == 437);
  CHECK(relay.permit(client, ada, peer).error() == 437);
  CHECK(relay.bind(client, ada, 0x4000, peer).error() == 437);
  CHECK(relay.ask(client, ada, Method::connect).error() == 437);
  CHECK(relay.server.reasons()[Reason::allocation_mismatch] == 4);
}

TEST_CASE("CreatePermission without a peer, or with one that is malformed, installs none of its permissions") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  CHECK(relay.ask(client, ada, Method::create_permission).error() == 400);
  CHECK(relay
            .ask(client, ada, Method::create_permission,
                 [](auto& b) { b.xor_address(Attribute::xor_peer_address, peer).u32(Attribute::xor_peer_address, 0); })
            .error() == 400);
  CHECK(relay
            .ask(client, ada, Method::create_permission,
                 [](auto& b) {
                   b.xor_address(Attribute::xor_peer_address, peer).xor_address(Attribute::xor_peer_address, peer_v6);
                 })
            .error() == 443);
  CHECK(relay.from_peer(relay.relay(), peer, "x").empty());
}

TEST_CASE("A channel number belongs to one peer and a peer to one number; only 0x4000 to 0x7fff are numbers") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  const Address other = address("8.8.8.8:7000");
  CHECK(relay.bind(client, ada, 0x3fff, peer).error() == 400);
  CHECK(relay.bind(client, ada, 0x8000, peer).error() == 400);
  CHECK(relay.bind(client, ada, 0x7fff, peer).is_success());
  CHECK(relay.bind(client, ada, 0x7fff, peer).is_success());
  CHECK(relay.bind(client, ada, 0x7fff, other).error() == 400);
  CHECK(relay.bind(client, ada, 0x4000, peer).error() == 400);
  CHECK(relay.bind(client, ada, 0x4000, peer.with_port(1)).is_success());
}

TEST_CASE("A server that drains sends new clients elsewhere and keeps those that it has") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  relay.server.drain(address("203.0.113.9:3478"), std::nullopt);
  const Received moved = relay.allocate(stream, ada);
  CHECK(moved.error() == 300);
  CHECK(moved.message->integrity_is_valid(ada.key().bytes()));
  const Bytes alternate = *moved.message->find(Attribute::alternate_server);
  CHECK(Buffer(alternate.begin(), alternate.end()) == Buffer{0, 1, 0x0d, 0x96, 203, 0, 113, 9});
  CHECK(relay.refresh(client, ada, 600).is_success());
  const Path v6{Protocol::udp, address("[2001:db8::1]:3478"), address("[2606:4700::2]:50000")};
  CHECK(relay.allocate(v6, ada).error() == 438);
  relay.learn(v6, ada);
  CHECK(relay.allocate(v6, ada).error() == 508);
  relay.learn(client, ada);
  relay.refresh(client, ada, 0);
  CHECK(relay.server.empty());
}

TEST_CASE("When a client's stream ends, its allocation ends") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(stream, ada);
  relay.server.client_closed(relay.now, stream, relay.out);
  relay.receive(stream, {});
  CHECK(relay.server.empty());
  CHECK(relay.sockets == 0);
  CHECK(std::get<AllocationClosed>(relay.events.back()).why == AllocationClosed::Why::client_gone);
}

}  // namespace parley::turn
