// TCP allocations: RFC 6062.

#include "tests/unit/turn/relay_harness.hpp"

namespace parley::turn {

namespace {

TurnUser::Fill to(const Address& host) {
  return [=](stun::Builder& b) { b.xor_address(Attribute::xor_peer_address, host); };
}

TurnUser::Fill id(ConnectionId connection) {
  return [=](stun::Builder& b) { b.u32(Attribute::connection_id, connection.value); };
}

/// Connect, and what becomes of it when the peer accepts.
ConnectionId connect(RelayHarness& relay, TurnUser& user) {
  relay.ask_in_vain(stream, user.request(Method::connect, to(peer)));
  const ConnectionId connection = relay.all<ConnectPeer>().back().connection;
  relay.sent.clear();
  relay.server.peer_connected(relay.now, connection, relay.out);
  relay.receive(client, {});
  REQUIRE(relay.sent.size() == 1);
  CHECK(relay.sent[0].answer.u32(Attribute::connection_id) == connection.value);
  CHECK(relay.sent[0].answer.message->integrity_is_valid(user.key().bytes()));
  return connection;
}

}  // namespace

TEST_CASE("A client connects to a peer through the relay and joins a stream of its own to it") {
  RelayHarness relay;
  TurnUser ada;
  REQUIRE(relay.allocate(stream, ada, {}, 6).is_success());
  CHECK(relay.all<OpenRelay>()[0].protocol == Protocol::tcp);
  const ConnectionId connection = connect(relay, ada);
  const ConnectPeer asked = relay.all<ConnectPeer>().back();
  CHECK(asked.peer == peer);
  CHECK(asked.local == relay.all<OpenRelay>()[0].local);

  CHECK(relay.ask(data_stream, ada, Method::connection_bind, id(connection)).is_success());
  REQUIRE(relay.all<JoinStreams>().size() == 1);
  CHECK(relay.all<JoinStreams>()[0].client == data_stream);
  CHECK(relay.server.allow_stream(relay.now, connection, 100'000) == 100'000);
  CHECK(relay.server.counts()[Count::stream_bytes] == 100'000);
  relay.advance(seconds(60));
  CHECK(relay.server.connections() == 1);

  // When the data connection ends, so does the one to the peer, and nothing else.
  relay.server.client_closed(relay.now, data_stream, relay.out);
  relay.receive(client, {});
  CHECK(relay.all<CloseConnection>().size() == 1);
  CHECK(relay.server.connections() == 0);
  CHECK(relay.server.allocations() == 1);
}

TEST_CASE("A peer with a permission connects: the client is told, and joins; without a permission it is turned away") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(stream, ada, {}, 6);
  CHECK_FALSE(relay.server.peer_accepted(relay.now, relay.relay(), peer, relay.out));
  CHECK(relay.server.reasons()[Reason::peer_without_permission] == 1);
  relay.permit(stream, ada, peer);
  relay.sent.clear();
  const auto connection = relay.server.peer_accepted(relay.now, relay.relay(), peer, relay.out);
  REQUIRE(connection);
  CHECK_FALSE(relay.server.peer_accepted(relay.now, relay.relay(), peer, relay.out));
  relay.receive(client, {});
  REQUIRE(relay.sent.size() == 1);
  const Received& attempt = relay.sent[0].answer;
  CHECK(attempt.message->method() == Method::connection_attempt);
  CHECK(attempt.message->type() == Class::indication);
  CHECK(attempt.u32(Attribute::connection_id) == connection->value);
  CHECK(attempt.message->xor_address(Attribute::xor_peer_address) == peer);
  CHECK(relay.ask(data_stream, ada, Method::connection_bind, id(*connection)).is_success());
}

TEST_CASE("A peer that can't be reached, or not within thirty seconds, is a 447") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(stream, ada, {}, 6);
  relay.ask_in_vain(stream, ada.request(Method::connect, to(peer)));
  relay.server.peer_connect_failed(relay.now, relay.all<ConnectPeer>().back().connection, relay.out);
  relay.receive(client, {});
  CHECK(relay.sent.back().answer.error() == 447);
  relay.ask_in_vain(stream, ada.request(Method::connect, to(peer)));
  relay.advance(seconds(29));
  CHECK(relay.sent.empty());
  relay.advance(seconds(1));
  CHECK(relay.sent.back().answer.error() == 447);
  CHECK(relay.all<CloseConnection>().size() == 2);
  CHECK(relay.server.connections() == 0);
}

TEST_CASE("A connection that nobody joins within thirty seconds is closed") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(stream, ada, {}, 6);
  const ConnectionId connection = connect(relay, ada);
  relay.advance(seconds(30));
  CHECK(relay.server.connections() == 0);
  CHECK(relay.ask(data_stream, ada, Method::connection_bind, id(connection)).error() == 400);
}

TEST_CASE("Connect: twice to one peer is a 446, on a UDP allocation, or without a peer, a 400; connections are limited") {
  Config config = default_config();
  config.limits.connections = 2;
  RelayHarness relay(config);
  TurnUser ada;
  relay.allocate(client, ada);
  CHECK(relay.ask(client, ada, Method::connect, to(peer)).error() == 400);
  relay.allocate(stream, ada, {}, 6);
  CHECK(relay.ask(stream, ada, Method::connect).error() == 400);
  CHECK(relay.ask(stream, ada, Method::connect, to(peer_v6)).error() == 443);
  connect(relay, ada);
  CHECK(relay.ask(stream, ada, Method::connect, to(peer)).error() == 446);
  relay.ask_in_vain(stream, ada.request(Method::connect, to(peer.with_port(1))));
  CHECK(relay.ask(stream, ada, Method::connect, to(peer.with_port(2))).error() == 508);
  CHECK(relay.server.reasons()[Reason::too_many_connections] == 1);
}

TEST_CASE("ConnectionBind: of another user, without an id, over UDP, or a second time it is refused") {
  RelayHarness relay;
  TurnUser ada;
  TurnUser bob{.name = "bob", .password = "builder"};
  relay.allocate(stream, ada, {}, 6);
  const ConnectionId connection = connect(relay, ada);
  relay.learn(data_stream, bob);
  CHECK(relay.ask(data_stream, bob, Method::connection_bind, id(connection)).error() == 441);
  CHECK(relay.ask(data_stream, ada, Method::connection_bind).error() == 400);
  CHECK(relay.ask(stream, ada, Method::connection_bind, id(connection)).error() == 400);
  CHECK(relay.ask(client, ada, Method::connection_bind, id(connection)).error() == 400);
  CHECK(relay.ask(data_stream, ada, Method::connection_bind, id({connection.value ^ 1})).error() == 400);
  CHECK(relay.ask(data_stream, ada, Method::connection_bind, id(connection)).is_success());
  const Path third{Protocol::tcp, stream.local, address("198.51.100.7:50003")};
  CHECK(relay.ask(third, ada, Method::connection_bind, id(connection)).error() == 400);
}

TEST_CASE("A data connection that reached another worker is handed over to the one that has its peer") {
  Config config = default_config();
  config.worker = 3;
  RelayHarness relay(config);
  RelayHarness other;
  TurnUser ada;
  relay.allocate(stream, ada, {}, 6);
  const ConnectionId connection = connect(relay, ada);
  const Buffer request = ada.request(Method::connection_bind, id(connection));
  other.ask_in_vain(data_stream, request);
  REQUIRE(other.all<HandOver>().size() == 1);
  CHECK(other.all<HandOver>()[0].worker == 3);
  CHECK(relay.ask(data_stream, request).is_success());
}

TEST_CASE("On a TCP allocation there are no channels and no Send indications") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(stream, ada, {}, 6);
  relay.permit(stream, ada, peer);
  CHECK(relay.bind(stream, ada, 0x4000, peer).error() == 400);
  relay.receive(stream, test::send_indication(peer, as_bytes("x")));
  CHECK(relay.relayed.empty());
  CHECK(relay.server.reasons()[Reason::send_malformed] == 1);
}

TEST_CASE("When the control connection ends, so do the connections to peers, joined or not") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(stream, ada, {}, 6);
  relay.ask(data_stream, ada, Method::connection_bind, id(connect(relay, ada)));
  relay.ask_in_vain(stream, ada.request(Method::connect, to(peer.with_port(1))));
  relay.server.client_closed(relay.now, stream, relay.out);
  relay.receive(client, {});
  CHECK(relay.all<CloseConnection>().size() == 2);
  CHECK(relay.server.connections() == 0);
  CHECK(relay.server.empty());
  CHECK(relay.sockets == 0);
  relay.advance(minutes(20));
  CHECK(relay.server.wakeup() == never);
}

TEST_CASE("Streams take from their user's bandwidth") {
  Config config = default_config();
  config.limits.bandwidth_of_user = 100'000;
  RelayHarness relay(config);
  TurnUser ada;
  relay.allocate(stream, ada, {}, 6);
  const ConnectionId connection = connect(relay, ada);
  CHECK(relay.server.allow_stream(relay.now, connection, 1) == 0);  // not joined yet
  relay.ask(data_stream, ada, Method::connection_bind, id(connection));
  CHECK(relay.server.allow_stream(relay.now, connection, 100'000) == 65'536);
  CHECK(relay.server.allow_stream(relay.now, connection, 100'000) == 0);
  CHECK(relay.server.allow_stream(relay.now + milliseconds(10), connection, 100'000) == 1'000);
}

}  // namespace parley::turn
