// Data through the relay: from the first Allocate to the last byte, and what is not let through.

#include "tests/unit/turn/relay_harness.hpp"

namespace parley::turn {

using test::channel_data;
using test::send_indication;

TEST_CASE("A browser's whole conversation: 401, Allocate, permission, Send, channel, data both ways, Refresh 0") {
  RelayHarness relay;
  TurnUser ada;
  const Received allocated = relay.allocate(client, ada);
  REQUIRE(allocated.is_success());
  CHECK(allocated.message->xor_address(Attribute::xor_relayed_address)->host() == "192.0.2.1");
  CHECK(allocated.message->xor_mapped_address() == client.remote);
  CHECK(allocated.u32(Attribute::lifetime) == 600);
  CHECK(allocated.message->integrity_is_valid(ada.key().bytes()));
  const auto opened = relay.all<OpenRelay>();
  REQUIRE(opened.size() == 1);
  CHECK(opened[0].local.host() == "10.0.0.1");
  CHECK(opened[0].local.port() == allocated.message->xor_address(Attribute::xor_relayed_address)->port());

  REQUIRE(relay.permit(client, ada, peer).is_success());
  relay.receive(client, send_indication(peer, as_bytes("hello")));
  REQUIRE(relay.relayed.size() == 1);
  CHECK(relay.relayed[0].peer == peer);
  CHECK(relay.relayed[0].data == "hello");

  // Without a channel the answer comes as a Data indication, from any port of the peer.
  const Received indication(as_bytes(relay.from_peer(relay.relay(), peer.with_port(9), "hi")));
  REQUIRE(indication.message);
  CHECK(indication.message->method() == Method::data);
  CHECK(indication.message->type() == Class::indication);
  CHECK(indication.message->xor_address(Attribute::xor_peer_address) == peer.with_port(9));
  CHECK(indication.text(Attribute::data) == "hi");

  REQUIRE(relay.bind(client, ada, 0x4000, peer).is_success());
  relay.receive(client, channel_data(0x4000, as_bytes("channel")));
  REQUIRE(relay.relayed.size() == 2);
  CHECK(relay.relayed[1].data == "channel");
  CHECK(relay.from_peer(relay.relay(), peer, "back") == as_text(channel_data(0x4000, as_bytes("back"))));

  CHECK(relay.refresh(client, ada, 0).u32(Attribute::lifetime) == 0);
  CHECK(relay.server.empty());
  CHECK(relay.sockets == 0);
  REQUIRE(relay.events.size() == 2);
  const auto& closed = std::get<AllocationClosed>(relay.events[1]);
  CHECK(closed.why == AllocationClosed::Why::deleted);
  CHECK(closed.bytes_to_peers == 12);
  CHECK(closed.bytes_to_client == 6);
}

TEST_CASE("Firefox's requests carry FINGERPRINT and LIFETIME 3600, and get both back") {
  RelayHarness relay;
  TurnUser ada{.fingerprint = true};
  const Received allocated = relay.allocate(client, ada, [](auto& b) { b.u32(Attribute::lifetime, 3600); });
  CHECK(allocated.u32(Attribute::lifetime) == 3600);
  CHECK(allocated.message->has_fingerprint());
}

TEST_CASE("On a stream channel data is padded to four bytes, on UDP it is not") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(stream, ada);
  relay.bind(stream, ada, 0x4001, peer);
  CHECK(relay.from_peer(relay.relay(), peer, "12345") == as_text(channel_data(0x4001, as_bytes("12345"), true)));
  TurnUser bob{.name = "bob", .password = "builder"};
  relay.allocate(client, bob);
  relay.bind(client, bob, 0x4001, peer);
  CHECK(relay.from_peer(relay.relay(), peer, "12345") == as_text(channel_data(0x4001, as_bytes("12345"))));
}

TEST_CASE("Nothing passes without a permission, in either direction, and each drop is counted") {
  RelayHarness relay;
  TurnUser ada;
  relay.receive(client, send_indication(peer, as_bytes("x")));
  relay.receive(client, channel_data(0x4000, as_bytes("x")));
  CHECK(relay.server.reasons()[Reason::no_allocation] == 2);
  relay.allocate(client, ada);
  relay.receive(client, send_indication(peer, as_bytes("x")));
  CHECK(relay.server.reasons()[Reason::no_permission] == 1);
  relay.receive(client, channel_data(0x4000, as_bytes("x")));
  CHECK(relay.server.reasons()[Reason::no_channel] == 1);
  CHECK(relay.from_peer(relay.relay(), peer, "x").empty());
  CHECK(relay.server.reasons()[Reason::peer_without_permission] == 1);
  relay.permit(client, ada, peer);
  CHECK(relay.from_peer(relay.relay(), address("8.8.8.8:7000"), "x").empty());
  CHECK(relay.relayed.empty());
}

TEST_CASE("A permission ends after five minutes and a channel after ten, unless they are refreshed") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada, [](auto& b) { b.u32(Attribute::lifetime, 3600); });
  relay.bind(client, ada, 0x4000, peer);
  relay.advance(minutes(5) - seconds(1));
  CHECK_FALSE(relay.from_peer(relay.relay(), peer, "x").empty());
  relay.advance(seconds(1));
  CHECK(relay.from_peer(relay.relay(), peer, "x").empty());
  relay.receive(client, channel_data(0x4000, as_bytes("x")));
  CHECK(relay.relayed.size() == 1);
  relay.advance(minutes(5));
  relay.receive(client, channel_data(0x4000, as_bytes("x")));
  CHECK(relay.relayed.size() == 1);
  CHECK(relay.server.reasons()[Reason::no_channel] == 1);
  // Then the number may name another peer.
  relay.learn(client, ada);
  CHECK(relay.bind(client, ada, 0x4000, address("8.8.8.8:1")).is_success());
}

TEST_CASE("Relayed data is a part of what was received, not a copy") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  relay.bind(client, ada, 0x4000, peer);
  const Buffer message = channel_data(0x4000, as_bytes("payload"));
  relay.server.receive(relay.now, client, message, relay.out);
  REQUIRE(relay.out.to_peers.size() == 1);
  CHECK(relay.out.to_peers[0].payload.data() == message.data() + 4);
  relay.out.clear();
  const Buffer datagram(1000);
  relay.server.receive_from_peer(relay.now, relay.relay(), peer, datagram, relay.out);
  REQUIRE(relay.out.to_clients.size() == 1);
  CHECK(relay.out.to_clients[0].payload.data() == datagram.data());
}

TEST_CASE("DONT-FRAGMENT in a Send indication reaches the driver; channel data never has it") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada, [](auto& b) { b.flag(Attribute::dont_fragment); });
  relay.bind(client, ada, 0x4000, peer);
  relay.receive(client, send_indication(peer, as_bytes("x"), true));
  relay.receive(client, send_indication(peer, as_bytes("x")));
  relay.receive(client, channel_data(0x4000, as_bytes("x")));
  REQUIRE(relay.relayed.size() == 3);
  CHECK(relay.relayed[0].dont_fragment);
  CHECK_FALSE(relay.relayed[1].dont_fragment);
  CHECK_FALSE(relay.relayed[2].dont_fragment);
}

TEST_CASE("An ICMP error about a permitted peer is told with an ICMP attribute, about others nothing is said") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  relay.permit(client, ada, peer);
  relay.sent.clear();
  relay.server.receive_icmp(relay.now, relay.relay(), peer, {.type = 3, .code = 4, .data = 1400}, relay.out);
  relay.server.receive_icmp(relay.now, relay.relay(), address("8.8.8.8:1"), {.type = 3, .code = 3, .data = 0}, relay.out);
  relay.receive(client, {});
  REQUIRE(relay.sent.size() == 1);
  const stun::Message& message = *relay.sent[0].answer.message;
  CHECK(message.method() == Method::data);
  CHECK(message.xor_address(Attribute::xor_peer_address) == peer);
  CHECK_FALSE(message.has(Attribute::data));
  Reader reader(*message.find(Attribute::icmp));
  CHECK(reader.u16() == 0);
  CHECK(reader.u16() == (3 << 9 | 4));
  CHECK(reader.u32() == 1400);
  CHECK(relay.server.reasons()[Reason::icmp_ignored] == 1);
}

TEST_CASE("Datagrams for a relay that has just been closed go nowhere") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  const RelayId old = relay.relay();
  relay.refresh(client, ada, 0);
  relay.allocate(client, ada);
  relay.permit(client, ada, peer);
  CHECK(relay.relay().index == old.index);
  CHECK(relay.from_peer(old, peer, "x").empty());
  CHECK_FALSE(relay.from_peer(relay.relay(), peer, "x").empty());
  CHECK(relay.server.reasons()[Reason::unknown_relay] == 1);
}

TEST_CASE("What is neither STUN nor channel data is counted and not answered") {
  RelayHarness relay;
  for (const std::string_view text : {"", "\x16\xfe\xfd", "\x80\x60", "GET / HTTP/1.1\r\n"})
    relay.ask_in_vain(client, as_bytes(text));
  relay.ask_in_vain(client, Bytes(channel_data(0x4000, as_bytes("cut off"))).first(10));
  CHECK(relay.server.reasons()[Reason::malformed] == 5);
  CHECK(relay.commands.empty());
  // A stream of that kind is closed.
  relay.ask_in_vain(stream, as_bytes("\x16\x03\x01"));
  CHECK(relay.all<CloseClient>().size() == 1);
}

}  // namespace parley::turn
