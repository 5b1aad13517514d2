// Locked rooms, lobbies, what was said before one came, and what browsers tell each other.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"
#include "signaling/chat_history.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {

Grant host_of(const std::string& room) {
  Grant grant = grant_for(room, "host");
  grant.permissions.room_admin = true;
  return grant;
}

/// A client that asks to come in, whatever becomes of it.
ClientId knock(HubHarness& hub, const std::string& identity, Presence presence = Presence::conversation) {
  const ClientId client = hub.open();
  request::Join join;
  join.token = token_for("tea", identity);
  join.presence = presence;
  hub.request(client, join, "7");
  return client;
}

std::vector<std::string> waiting_for(HubHarness& hub, ClientId administrator) {
  const auto lobbies = hub.take<message::Lobby>(administrator);
  std::vector<std::string> names;
  if (!lobbies.empty())
    for (const auto& person : lobbies.back().waiting) names.push_back(person.identity);
  return names;
}

ParticipantId first_waiting(HubHarness& hub, ClientId administrator) {
  return hub.take<message::Lobby>(administrator).back().waiting.front().participant;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("only an administrator decides who gets in") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  hub.request(bob.client, request::SetRoom{true, {}, {}});
  CHECK(hub.error(bob.client) == "not_allowed");
  hub.request(bob.client, request::Admit{bob.id});
  CHECK(hub.error(bob.client) == "not_allowed");
  hub.request(bob.client, request::Deny{bob.id});
  CHECK(hub.error(bob.client) == "not_allowed");
  hub.join("carol");
}

TEST_CASE("a change of the room's policy is told to everybody, and one that changes nothing to nobody") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  const auto bob = hub.join("bob");
  CHECK(bob.joined.policy == RoomPolicy{});
  hub.request(host.client, request::SetRoom{true, {}, false});
  for (const auto& person : {host, bob}) {
    const auto news = hub.take<message::RoomChanged>(person.client);
    REQUIRE(news.size() == 1);
    CHECK(news[0].policy == RoomPolicy{.locked = true, .lobby = false, .direct = false});
  }
  hub.request(host.client, request::SetRoom{true, {}, {}});
  CHECK(hub.take<message::RoomChanged>(bob.client).empty());
}

TEST_CASE("nobody new gets into a locked room but administrators; who was there comes back") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  const auto bob = hub.join("bob");
  hub.request(host.client, request::SetRoom{true, {}, {}});
  CHECK(hub.error(knock(hub, "carol")) == "room_locked");
  CHECK(hub.count(HubCounter::room_locked) == 1);
  CHECK(hub.error(knock(hub, "carol", Presence::publisher)) == "room_locked");
  CHECK(hub.join("bob").joined.policy.locked);
  Grant second = host_of("tea");
  second.identity = "host-2";
  hub.join(second);
}

TEST_CASE("who was removed from a locked room stays outside") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  const auto bob = hub.join("bob");
  hub.request(host.client, request::SetRoom{true, {}, {}});
  hub.request(host.client, request::Remove{bob.id});
  CHECK(hub.error(knock(hub, "bob")) == "room_locked");
}

TEST_CASE("in a lobby people wait until somebody lets them in") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  const auto bob = hub.join("bob");
  hub.request(host.client, request::SetRoom{{}, true, {}});
  const ClientId carol = knock(hub, "carol");
  CHECK(hub.take<message::Waiting>(carol).size() == 1);
  CHECK(waiting_for(hub, host.client) == Names{"carol"});
  CHECK(hub.take<message::Lobby>(bob.client).empty());
  CHECK(hub.take<message::ParticipantJoined>(bob.client).empty());
  // Longer than anybody else may stay without having joined.
  hub.pass(minutes(5));
  hub.request(carol, request::Ping{});
  CHECK(hub.take<message::Pong>(carol).size() == 1);
  hub.request(carol, request::Chat{"Let me in", {}});
  CHECK(hub.error(carol) == "not_joined");

  const ClientId dave = knock(hub, "dave");
  hub.request(host.client, request::Admit{first_waiting(hub, host.client)});
  const auto& mail = hub.inbox(carol);
  REQUIRE_FALSE(mail.empty());
  CHECK(mail.front().mark == "7");  // the answer to the join of five minutes ago
  CHECK(hub.take<message::Joined>(carol).size() == 1);
  CHECK(hub.take<message::ParticipantJoined>(bob.client).size() == 1);
  CHECK(hub.take<message::Joined>(dave).empty());
  CHECK(waiting_for(hub, host.client) == Names{"dave"});
}

TEST_CASE("who is not let in is told so, and may knock again") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  hub.request(host.client, request::SetRoom{{}, true, {}});
  const ClientId carol = knock(hub, "carol");
  hub.request(host.client, request::Deny{first_waiting(hub, host.client)});
  CHECK(hub.error(carol) == "not_admitted");
  CHECK(hub.closed.contains(carol));
  CHECK(hub.count(HubCounter::not_admitted) == 1);
  CHECK(waiting_for(hub, host.client).empty());
  hub.request(host.client, request::Deny{ParticipantId{99}});
  CHECK(hub.error(host.client) == "participant_unknown");
  CHECK(hub.take<message::Waiting>(knock(hub, "carol")).size() == 1);
}

TEST_CASE("who goes out of the lobby is no longer listed") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  hub.request(host.client, request::SetRoom{{}, true, {}});
  const ClientId carol = knock(hub, "carol");
  const ClientId dave = knock(hub, "dave");
  hub.disconnect(carol);
  CHECK(waiting_for(hub, host.client) == Names{"dave"});
  hub.request(dave, request::Leave{});
  CHECK(hub.closed.contains(dave));
  CHECK(waiting_for(hub, host.client).empty());
  hub.request(host.client, request::Admit{ParticipantId{2}});
  CHECK(hub.error(host.client) == "participant_unknown");
}

TEST_CASE("an administrator who comes later, or comes back, hears who waits") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  hub.request(host.client, request::SetRoom{{}, true, {}});
  knock(hub, "carol");
  Grant second = host_of("tea");
  second.identity = "host-2";
  CHECK(waiting_for(hub, hub.join(second).client) == Names{"carol"});
  hub.disconnect(host.client);
  const ClientId again = hub.open();
  hub.request(again, request::Resume{host.session});
  CHECK(hub.take<message::Resumed>(again).at(0).policy.lobby);
  CHECK(waiting_for(hub, again) == Names{"carol"});
}

TEST_CASE("without the lobby everybody who waits comes in; with the room's end nobody does") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  hub.request(host.client, request::SetRoom{{}, true, {}});
  const ClientId carol = knock(hub, "carol");
  const ClientId dave = knock(hub, "dave");
  hub.request(host.client, request::SetRoom{{}, false, {}});
  CHECK(hub.take<message::Joined>(carol).size() == 1);
  CHECK(hub.take<message::Joined>(dave).size() == 1);
  CHECK(waiting_for(hub, host.client).empty());

  hub.request(host.client, request::SetRoom{{}, true, {}});
  const ClientId erin = knock(hub, "erin");
  for (const ClientId client : {carol, dave, host.client}) hub.request(client, request::Leave{});
  CHECK(hub.error(erin) == "not_admitted");
  CHECK(hub.closed.contains(erin));
  CHECK(hub.summary().rooms == 0);
}

TEST_CASE("who waits for a locked room is turned away when its lobby ends") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  hub.request(host.client, request::SetRoom{{}, true, {}});
  const ClientId carol = knock(hub, "carol");
  hub.request(host.client, request::SetRoom{true, false, {}});
  CHECK(hub.error(carol) == "not_admitted");
  CHECK(hub.closed.contains(carol));
  CHECK(waiting_for(hub, host.client).empty());
}

TEST_CASE("who is let into a full room is refused, and may not stay without joining") {
  HubSettings settings;
  settings.limits.participants_per_room = 2;
  HubHarness hub(settings);
  const auto host = hub.join(host_of("tea"));
  hub.join("bob");
  hub.request(host.client, request::SetRoom{{}, true, {}});
  const ClientId carol = knock(hub, "carol");
  hub.pass(minutes(5));
  hub.request(host.client, request::Admit{first_waiting(hub, host.client)});
  CHECK(hub.error(carol) == "room_full");
  CHECK_FALSE(hub.closed.contains(carol));
  hub.pass(settings.limits.join_deadline + seconds(1));
  CHECK(hub.closed.contains(carol));
}

TEST_CASE("a lobby has a limit, and is no place for WHIP and WHEP") {
  HubSettings settings;
  settings.limits.waiting_per_room = 1;
  HubHarness hub(settings);
  const auto host = hub.join(host_of("tea"));
  hub.request(host.client, request::SetRoom{{}, true, {}});
  knock(hub, "carol");
  CHECK(hub.error(knock(hub, "dave")) == "lobby_full");
  CHECK(hub.count(HubCounter::lobby_full) == 1);
  CHECK(hub.error(knock(hub, "eve", Presence::publisher)) == "not_admitted");
  CHECK(hub.error(knock(hub, "eve", Presence::viewer)) == "not_admitted");
}

TEST_CASE("who comes late reads what was said to everybody, and nothing private") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.request(ada.client, request::Chat{"Hello", {}});
  hub.request(ada.client, request::Chat{"Psst", bob.id});
  hub.pass(seconds(3));
  hub.request(bob.client, request::Chat{"Hello Ada", {}});
  const auto chat = hub.join("carol").joined.chat;
  REQUIRE(chat.size() == 2);
  CHECK(chat[0].text == "Hello");
  CHECK(chat[0].participant == ada.id);
  CHECK(chat[0].time == start);
  CHECK(chat[1].text == "Hello Ada");
}

TEST_CASE("the history of a room's texts has a limit in number and in bytes") {
  ChatHistory history;
  for (int i = 0; i < 150; ++i) history.add({ParticipantId{1}, "Ada", std::to_string(i), start});
  REQUIRE(history.entries().size() == ChatHistory::texts_limit);
  CHECK(history.entries().front().text == "50");
  history.add({ParticipantId{1}, "Ada", std::string(ChatHistory::bytes_limit - 10, 'x'), start});
  CHECK(history.entries().size() < 5);
  CHECK(history.entries().back().text.front() == 'x');
}

TEST_CASE("what one browser tells another reaches that one only") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto carol = hub.join("carol");
  hub.request(ada.client, request::Direct{bob.id, "call", "offer", "v=0"});
  CHECK(hub.take<message::Ok>(ada.client).size() == 1);
  const auto told = hub.take<message::Direct>(bob.client);
  REQUIRE(told.size() == 1);
  CHECK(told[0].participant == ada.id);
  CHECK(told[0].purpose == "call");
  CHECK(told[0].kind == "offer");
  CHECK(told[0].payload == "v=0");
  CHECK(hub.take<message::Direct>(carol.client).empty());
}

TEST_CASE("direct messages to nobody, to oneself, from hidden people and beyond their size are refused") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto elsewhere = hub.join("eve", "coffee");
  Grant unseen = grant_for("tea", "ghost");
  unseen.permissions.hidden = true;
  const auto ghost = hub.join(unseen);
  for (const ParticipantId to : {ParticipantId{99}, ada.id, elsewhere.id, ghost.id}) {
    hub.request(ada.client, request::Direct{to, "call", "offer", ""});
    CHECK(hub.error(ada.client) == "participant_unknown");
  }
  hub.request(ghost.client, request::Direct{ada.id, "call", "offer", ""});
  CHECK(hub.error(ghost.client) == "participant_unknown");
  const auto bob = hub.join("bob");
  hub.request(ada.client, request::Direct{bob.id, "call", "offer", std::string(direct_payload_limit + 1, 'x')});
  CHECK(hub.error(ada.client) == "message_too_large");
  hub.request(ada.client, request::Direct{bob.id, std::string(direct_word_limit + 1, 'x'), "offer", ""});
  CHECK(hub.error(ada.client) == "message_too_large");
  CHECK(hub.take<message::Direct>(bob.client).empty());
}

TEST_CASE("direct connections can be switched off by the server for good, and by an administrator for a room") {
  HubHarness hub;
  const auto host = hub.join(host_of("tea"));
  const auto bob = hub.join("bob");
  hub.request(host.client, request::SetRoom{{}, {}, false});
  hub.request(bob.client, request::Direct{host.id, "call", "offer", ""});
  CHECK(hub.error(bob.client) == "direct_off");
  hub.request(host.client, request::SetRoom{{}, {}, true});
  hub.request(bob.client, request::Direct{host.id, "call", "offer", ""});
  CHECK(hub.take<message::Ok>(bob.client).size() == 1);

  HubSettings settings;
  settings.direct = false;
  HubHarness strict(settings);
  const auto other = strict.join(host_of("tea"));
  CHECK_FALSE(other.joined.policy.direct);
  strict.request(other.client, request::SetRoom{{}, {}, true});
  CHECK(strict.error(other.client) == "direct_off");
}
