// Coming in, coming back, going away.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

TEST_CASE("whoever joins is told who is there, and the others are told who came") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  const auto ada = hub.join("ada");
  CHECK(ada.joined.room == "tea");
  REQUIRE(ada.joined.participants.size() == 1);
  CHECK(ada.joined.participants[0].identity == "bob");
  REQUIRE(ada.joined.participants[0].tracks.size() == 2);
  CHECK(ada.joined.participants[0].tracks[1].track == tracks[1]);
  CHECK(ada.joined.participants[0].tracks[1].source == Source::camera);
  CHECK(ada.joined.participants[0].tracks[1].codec == "VP8");
  const auto news = hub.take<message::ParticipantJoined>(bob.client);
  REQUIRE(news.size() == 1);
  CHECK(news[0].participant.identity == "ada");
  CHECK(hub.take<message::ParticipantJoined>(ada.client).empty());
}

TEST_CASE("people in different rooms hear nothing of each other") {
  HubHarness hub;
  const auto ada = hub.join("ada", "tea");
  const auto bob = hub.join("bob", "coffee");
  hub.publish(bob.client);
  CHECK(bob.joined.participants.empty());
  CHECK_FALSE(hub.has_mail(ada.client));
}

TEST_CASE("a name in the token wins over the name in the join") {
  HubHarness hub;
  auto grant = grant_for("tea", "ada");
  CHECK(hub.join(grant, {.token = {}, .room = {}, .name = "Ada", .attributes = {}, .only = {}}).joined.participant.name == "Ada");
  grant.identity = "bob";
  grant.name = "Robert";
  CHECK(hub.join(grant, {.token = {}, .room = {}, .name = "Bob", .attributes = {}, .only = {}}).joined.participant.name ==
        "Robert");
}

TEST_CASE("a bad token gets its own code, and another join may follow") {
  HubHarness hub;
  const ClientId client = hub.open();
  request::Join join{.token = "nonsense", .room = {}, .name = {}, .attributes = {}, .only = {}};
  hub.request(client, join);
  CHECK(hub.error(client) == "token_malformed");
  join.token = "";
  hub.request(client, join);
  CHECK(hub.error(client) == "token_missing");
  join.token = token_for("tea", "ada");
  join.room = "coffee";
  hub.request(client, join);
  CHECK(hub.error(client) == "token_wrong_room");
  CHECK(hub.count(HubCounter::token_refused) == 3);
  join.room = "tea";
  hub.request(client, join);
  CHECK(hub.take<message::Joined>(client).size() == 1);
}

TEST_CASE("something other than join or resume first is refused") {
  HubHarness hub;
  const ClientId client = hub.open();
  hub.request(client, request::Ping{});
  CHECK(hub.error(client) == "not_joined");
}

TEST_CASE("a second join over one connection is refused") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  hub.request(ada.client, request::Join{.token = token_for("tea", "eve"), .room = {}, .name = {}, .attributes = {}, .only = {}});
  CHECK(hub.error(ada.client) == "message_invalid");
}

TEST_CASE("a connection that joins nothing within the deadline is closed") {
  HubHarness hub;
  const ClientId idle = hub.open();
  const auto ada = hub.join("ada");
  hub.pass(milliseconds(9999));
  CHECK(hub.closed.empty());
  hub.pass(milliseconds(1));
  CHECK(hub.error(idle) == "not_joined");
  CHECK(hub.closed == std::set{idle});
  CHECK(hub.count(HubCounter::join_deadline) == 1);
  CHECK_FALSE(hub.has_mail(ada.client));
}

TEST_CASE("whoever leaves is gone at once, and the room with the last one") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.request(bob.client, request::Leave{});
  const auto farewell = hub.take<message::Closed>(bob.client);
  REQUIRE(farewell.size() == 1);
  CHECK(farewell[0].code == message::ClosedCode::left);
  CHECK(hub.closed.contains(bob.client));
  const auto news = hub.take<message::ParticipantLeft>(ada.client);
  REQUIRE(news.size() == 1);
  CHECK(news[0].participant == bob.id);
  CHECK(news[0].reason == message::LeftReason::left);
  CHECK(hub.worker().take<control::RemoveParticipant>().size() == 1);
  hub.request(ada.client, request::Leave{});
  CHECK(hub.summary().rooms == 0);
  CHECK(hub.summary().participants == 0);
  CHECK(hub.summary().clients == 0);
  CHECK(hub.summary().workers[0].participants == 0);
}

TEST_CASE("a lost connection is announced, and the session is taken up where it was") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  hub.worker().seen.clear();
  hub.clear(ada.client);

  hub.disconnect(bob.client);
  auto news = hub.take<message::ParticipantUpdated>(ada.client);
  REQUIRE(news.size() == 1);
  CHECK(news[0].participant.reconnecting);

  hub.pass(milliseconds(14'999));
  const ClientId again = hub.open();
  hub.request(again, request::Resume{bob.session});
  const auto resumed = hub.take<message::Resumed>(again);
  REQUIRE(resumed.size() == 1);
  CHECK(resumed[0].participant.participant == bob.id);
  CHECK(resumed[0].participant.tracks.size() == 2);
  CHECK(resumed[0].participants.size() == 1);
  news = hub.take<message::ParticipantUpdated>(ada.client);
  REQUIRE(news.size() == 1);
  CHECK_FALSE(news[0].participant.reconnecting);
  CHECK(hub.worker().seen.empty());  // its media never noticed
  hub.pass(minutes(1));
  CHECK(hub.take<message::ParticipantLeft>(ada.client).empty());
  hub.request(again, request::Ping{});
  CHECK(hub.take<message::Pong>(again).size() == 1);
}

TEST_CASE("whoever does not come back in time is lost, and the session with it") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.disconnect(bob.client);
  hub.pass(seconds(15));
  const auto news = hub.take<message::ParticipantLeft>(ada.client);
  REQUIRE(news.size() == 1);
  CHECK(news[0].reason == message::LeftReason::lost);
  CHECK(hub.count(HubCounter::lost) == 1);
  const ClientId again = hub.open();
  hub.request(again, request::Resume{bob.session});
  CHECK(hub.error(again) == "session_unknown");
}

TEST_CASE("an offer that was not answered before the connection was lost is repeated") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  const auto offers = hub.take<message::Offer>(ada.client);
  REQUIRE(offers.size() == 1);
  hub.disconnect(ada.client);
  const ClientId again = hub.open();
  hub.request(again, request::Resume{ada.session});
  const auto resumed = hub.take<message::Resumed>(again);
  REQUIRE(resumed.at(0).offer);
  CHECK(resumed[0].offer->revision == offers[0].revision);
  hub.request(again, request::Answer{offers[0].revision, "v=0 answer"});
  CHECK(hub.worker().take<control::AcceptAnswer>().size() == 1);
}

TEST_CASE("a session that is resumed while its old connection still seems to be there is taken over from it") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const ClientId again = hub.open();
  hub.request(again, request::Resume{ada.session});
  CHECK(hub.take<message::Resumed>(again).size() == 1);
  CHECK(hub.take<message::Closed>(ada.client).at(0).code == message::ClosedCode::replaced);
  CHECK(hub.closed == std::set{ada.client});
  hub.pass(minutes(1));
  CHECK(hub.summary().participants == 1);
}

TEST_CASE("a second join with an identity takes over from the first, which is told so") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto first = hub.join("bob");
  hub.publish(first.client);
  hub.clear(ada.client);
  const auto second = hub.join("bob");
  CHECK(second.id != first.id);
  CHECK(hub.take<message::Closed>(first.client).at(0).code == message::ClosedCode::replaced);
  CHECK(hub.closed == std::set{first.client});
  const auto left = hub.take<message::ParticipantLeft>(ada.client);
  REQUIRE(left.size() == 1);
  CHECK(left[0].participant == first.id);
  CHECK(left[0].reason == message::LeftReason::replaced);
  CHECK(hub.take<message::ParticipantJoined>(ada.client).at(0).participant.participant == second.id);
  const ClientId thief = hub.open();
  hub.request(thief, request::Resume{first.session});
  CHECK(hub.error(thief) == "session_unknown");
}

TEST_CASE("taking over from the only one in a room keeps the room") {
  HubHarness hub;
  hub.join("ada");
  hub.join("ada");
  CHECK(hub.summary().rooms == 1);
  CHECK(hub.summary().participants == 1);
  CHECK(hub.summary().workers[0].participants == 1);
}

TEST_CASE("hidden participants are not announced, see everything, and publish nothing") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  auto grant = grant_for("tea", "recorder");
  grant.permissions.hidden = true;
  const auto recorder = hub.join(grant);
  CHECK_FALSE(hub.has_mail(ada.client));
  CHECK(recorder.joined.participants.size() == 1);
  hub.publish(ada.client);
  CHECK(hub.take<message::TrackPublished>(recorder.client).size() == 2);
  CHECK(hub.take<message::Offer>(recorder.client).size() == 1);
  hub.request(recorder.client, request::Publish{"v=0", {{.mid = "0", .source = Source::camera, .name = {}}}, false});
  CHECK(hub.error(recorder.client) == "not_allowed");
  // Data it may receive. No track has an id by which it could be sent.
  hub.request(recorder.client, request::Publish{"v=0", {}, false});
  CHECK(hub.take<message::Published>(recorder.client).at(0).tracks.empty());
  hub.request(recorder.client, request::Chat{"psst", {}});
  CHECK(hub.error(recorder.client) == "not_allowed");
  CHECK(hub.join("bob").joined.participants.size() == 1);
  hub.take<message::ParticipantJoined>(ada.client);
  hub.request(recorder.client, request::Leave{});
  CHECK_FALSE(hub.has_mail(ada.client));
}

TEST_CASE("a server that stops says so to everybody") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.receive(ServerStopping{});
  CHECK(hub.take<message::Closed>(ada.client).at(0).code == message::ClosedCode::server_stopping);
  CHECK(hub.take<message::Closed>(bob.client).at(0).code == message::ClosedCode::server_stopping);
  CHECK(hub.closed.size() == 2);
}
