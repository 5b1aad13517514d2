// Each limit: hit, answered with its code, counted.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {
request::Join join_as(const std::string& room, const std::string& identity) {
  return {.token = token_for(room, identity), .room = {}, .name = {}, .attributes = {}, .only = {}};
}
HubSettings with(void (*change)(Limits&)) {
  HubSettings settings;
  change(settings.limits);
  return settings;
}
}  // namespace

TEST_CASE("a room has room for so many, but an identity takes its own place again") {
  HubHarness hub(with([](Limits& limits) { limits.participants_per_room = 2; }));
  hub.join("ada");
  hub.join("bob");
  const ClientId third = hub.open();
  hub.request(third, join_as("tea", "carol"));
  CHECK(hub.error(third) == "room_full");
  CHECK(hub.count(HubCounter::room_full) == 1);
  hub.join("bob");
  CHECK(hub.summary().participants == 2);
}

TEST_CASE("there are only so many rooms, until one closes") {
  HubHarness hub(with([](Limits& limits) { limits.rooms = 1; }));
  const auto ada = hub.join("ada");
  const ClientId second = hub.open();
  hub.request(second, join_as("coffee", "bob"));
  CHECK(hub.error(second) == "too_many_rooms");
  CHECK(hub.count(HubCounter::too_many_rooms) == 1);
  hub.request(ada.client, request::Leave{});
  hub.request(second, join_as("coffee", "bob"));
  CHECK(hub.take<message::Joined>(second).size() == 1);
}

TEST_CASE("one participant publishes only so many tracks") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  request::Publish publish{"v=0", {}, false};
  for (int i = 0; i < 16; ++i) publish.tracks.push_back({.mid = std::to_string(i), .source = Source::other, .name = {}});
  hub.request(ada.client, publish);
  CHECK(hub.take<message::Published>(ada.client).size() == 1);
  publish.tracks.push_back({.mid = "16", .source = Source::other, .name = {}});
  hub.request(ada.client, publish);
  CHECK(hub.error(ada.client) == "too_many_tracks");
  CHECK(hub.count(HubCounter::too_many_tracks) == 1);
}

TEST_CASE("a client that says too much is not heard for a while, and disturbs nobody else") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  for (int i = 0; i < 199; ++i) hub.request(ada.client, request::Ping{});
  CHECK(hub.take<message::Pong>(ada.client).size() == 199);
  hub.request(ada.client, request::Ping{}, "77");
  CHECK(hub.inbox(ada.client).back().mark == "77");
  CHECK(hub.error(ada.client) == "too_many_messages");
  CHECK(hub.count(HubCounter::too_many_messages) == 1);
  hub.request(bob.client, request::Ping{});
  CHECK(hub.take<message::Pong>(bob.client).size() == 1);
  hub.pass(milliseconds(20));
  hub.request(ada.client, request::Ping{});
  CHECK(hub.take<message::Pong>(ada.client).size() == 1);
}

TEST_CASE("what cannot be read counts like any message") {
  HubHarness hub(with([](Limits& limits) { limits.message_burst = 2; }));
  const ClientId client = hub.open();
  for (int i = 0; i < 2; ++i) {
    hub.receive(ClientUnreadable{client, "", {"message_invalid", "No."}});
    CHECK(hub.error(client) == "message_invalid");
  }
  CHECK(hub.count(HubCounter::message_invalid) == 2);
  hub.receive(ClientUnreadable{client, "", {"message_too_large", "No."}});
  CHECK(hub.error(client) == "too_many_messages");
}

TEST_CASE("one address has only so many connections, and a closed one makes place") {
  HubHarness hub;
  std::vector<ClientId> clients;
  for (int i = 0; i < 64; ++i) clients.push_back(hub.open(*Address::parse("192.0.2.7", static_cast<std::uint16_t>(i))));
  CHECK(hub.closed.empty());
  const ClientId late = hub.open();
  CHECK(hub.error(late) == "too_many_connections");
  CHECK(hub.closed == std::set{late});
  CHECK(hub.count(HubCounter::too_many_connections) == 1);
  hub.open(*Address::parse("192.0.2.8", 1));
  CHECK(hub.closed.size() == 1);
  hub.disconnect(clients[0]);
  hub.open();
  CHECK(hub.closed.size() == 1);
}

TEST_CASE("an IPv6 network of 64 bits counts as one address, and this very machine is not counted") {
  HubHarness hub(with([](Limits& limits) { limits.connections_per_address = 2; }));
  hub.open(*Address::parse("2001:db8:1:2::1", 1));
  hub.open(*Address::parse("2001:db8:1:2:ffff::2", 1));
  const ClientId third = hub.open(*Address::parse("2001:db8:1:2:3:4:5:6", 1));
  CHECK(hub.error(third) == "too_many_connections");
  hub.open(*Address::parse("2001:db8:1:3::1", 1));
  for (int i = 0; i < 5; ++i) hub.open(*Address::parse("127.0.0.1", 1));
  CHECK(hub.closed.size() == 1);
}

TEST_CASE("a client that was told to go is not heard any more") {
  HubHarness hub;
  hub.slow_to_close = true;
  const auto ada = hub.join("ada");
  hub.request(ada.client, request::Leave{});
  hub.clear(ada.client);
  hub.request(ada.client, request::Ping{});
  hub.request(ada.client, join_as("tea", "ada"));
  CHECK_FALSE(hub.has_mail(ada.client));
}
