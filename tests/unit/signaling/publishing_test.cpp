// From a publish request to everybody's subscriptions.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {
request::PublishedSection section(std::string mid, Source source, bool muted = false) {
  return {.mid = std::move(mid), .source = source, .name = {}, .muted = muted};
}
}  // namespace

TEST_CASE("what one publishes is announced to the others, and they are subscribed to it") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.clear(ada.client);
  hub.request(bob.client,
              request::Publish{"v=0 offer", {section("0", Source::microphone), section("1", Source::camera, true)}, false}, "7");
  REQUIRE_FALSE(hub.inbox(bob.client).empty());
  CHECK(hub.inbox(bob.client).front().mark == "7");
  const auto published = hub.take<message::Published>(bob.client);
  REQUIRE(published.size() == 1);
  CHECK(published[0].sdp == "v=0 answer");
  REQUIRE(published[0].tracks.size() == 2);

  const auto news = hub.take<message::TrackPublished>(ada.client);
  REQUIRE(news.size() == 2);
  CHECK(news[1].participant == bob.id);
  CHECK(news[1].track.source == Source::camera);
  CHECK(news[1].track.muted);
  CHECK(hub.take<message::TrackPublished>(bob.client).empty());

  const auto subscribed = hub.worker().take<control::Subscribe>();
  REQUIRE(subscribed.size() == 2);
  CHECK(subscribed[0].participant == ada.id);
  CHECK(subscribed[0].track == published[0].tracks[0].track);
  const auto muted = hub.worker().take<control::Mute>();
  REQUIRE(muted.size() == 1);
  CHECK(muted[0].track == published[0].tracks[1].track);
}

TEST_CASE("a newcomer is subscribed to what there is, in the order in which it was published") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto eve = hub.join("eve");
  const auto first = hub.publish(eve.client);
  const auto second = hub.publish(bob.client);
  hub.worker().seen.clear();
  const auto ada = hub.join("ada");
  std::vector<TrackId> order;
  for (const auto& subscribe : hub.worker().take<control::Subscribe>()) {
    CHECK(subscribe.participant == ada.id);
    order.push_back(subscribe.track);
  }
  CHECK(order == std::vector{first[0], first[1], second[0], second[1]});
}

TEST_CASE("a publish again keeps the tracks of its sections, and ends those that are gone") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto before = hub.publish(bob.client);
  hub.clear(ada.client);
  hub.request(bob.client, request::Publish{"v=0 offer", {section("0", Source::microphone), section("2", Source::screen)}, false});
  const auto after = hub.take<message::Published>(bob.client).at(0).tracks;
  REQUIRE(after.size() == 2);
  CHECK(after[0].track == before[0]);
  CHECK(after[1].track != before[1]);
  CHECK(hub.take<message::TrackPublished>(ada.client).at(0).track.source == Source::screen);
  CHECK(hub.take<message::TrackUnpublished>(ada.client).at(0).track == before[1]);
}

TEST_CASE("a section that carries another device is another track") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto before = hub.publish(bob.client);
  hub.request(bob.client, request::Publish{"v=0 offer", {section("0", Source::microphone), section("1", Source::screen)}, false});
  const auto after = hub.take<message::Published>(bob.client).at(0).tracks;
  CHECK(after[0].track == before[0]);
  CHECK(after[1].track != before[1]);
}

TEST_CASE("a new connection carries the same tracks on, whatever its sections are called") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto before = hub.publish(bob.client);
  hub.request(bob.client, request::Publish{"v=0 offer", {section("0", Source::camera), section("4", Source::microphone)}, true});
  const auto after = hub.take<message::Published>(bob.client).at(0).tracks;
  CHECK(after[0].track == before[1]);
  CHECK(after[1].track == before[0]);
  CHECK(hub.worker().take<control::Publish>().back().replace);
}

TEST_CASE("unpublishing ends a track for everybody") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  hub.request(bob.client, request::Unpublish{tracks[1]});
  CHECK(hub.take<message::Ok>(bob.client).size() == 1);
  CHECK(hub.take<message::TrackUnpublished>(ada.client).at(0).track == tracks[1]);
  CHECK(hub.worker().take<control::Unpublish>().at(0).track == tracks[1]);
  hub.request(bob.client, request::Unpublish{tracks[1]});
  CHECK(hub.error(bob.client) == "track_unknown");
  hub.request(ada.client, request::Unpublish{tracks[0]});
  CHECK(hub.error(ada.client) == "track_unknown");
}

TEST_CASE("muting reaches the worker and the others, once") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  hub.worker().seen.clear();
  hub.request(bob.client, request::Mute{tracks[0], true});
  hub.request(bob.client, request::Mute{tracks[0], true});
  CHECK(hub.take<message::Ok>(bob.client).size() == 2);
  const auto news = hub.take<message::TrackUpdated>(ada.client);
  REQUIRE(news.size() == 1);
  CHECK(news[0].track.muted);
  CHECK(hub.worker().take<control::Mute>().size() == 1);
  hub.request(ada.client, request::Mute{tracks[0], false});
  CHECK(hub.error(ada.client) == "track_unknown");
}

TEST_CASE("only an administrator mutes others, who are told") {
  HubHarness hub;
  auto grant = grant_for("tea", "ada");
  grant.permissions.room_admin = true;
  const auto ada = hub.join(grant);
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  const auto ours = hub.publish(ada.client);
  hub.request(ada.client, request::MuteOther{tracks[0]});
  CHECK(hub.take<message::Ok>(ada.client).size() == 1);
  CHECK(hub.take<message::TrackUpdated>(bob.client).at(0).participant == bob.id);
  CHECK(hub.take<message::TrackUpdated>(ada.client).size() == 1);
  hub.request(bob.client, request::MuteOther{ours[0]});
  CHECK(hub.error(bob.client) == "not_allowed");
}

TEST_CASE("publishing needs the permission") {
  HubHarness hub;
  auto grant = grant_for("tea", "ada");
  grant.permissions.can_publish = false;
  const auto ada = hub.join(grant);
  hub.request(ada.client, request::Publish{"v=0", {section("0", Source::camera)}, false});
  CHECK(hub.error(ada.client) == "not_allowed");
  CHECK(hub.count(HubCounter::not_allowed) == 1);
  CHECK(hub.worker().take<control::Publish>().empty());
}

TEST_CASE("an offer that the worker refuses is answered with its reason") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  hub.worker().refusal = Error{"sdp_no_fingerprint", "The offer has no fingerprint."};
  hub.request(ada.client, request::Publish{"v=0", {section("0", Source::camera)}, false}, "9");
  REQUIRE(hub.inbox(ada.client).size() == 1);
  CHECK(hub.inbox(ada.client)[0].mark == "9");
  CHECK(hub.error(ada.client) == "sdp_no_fingerprint");
  CHECK(hub.count(HubCounter::worker_refused) == 1);
}

TEST_CASE("a worker that does not answer within its deadline is too busy") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  hub.worker().silent = true;
  hub.request(ada.client, request::Publish{"v=0", {section("0", Source::camera)}, false});
  hub.pass(milliseconds(9999));
  CHECK_FALSE(hub.has_mail(ada.client));
  hub.pass(milliseconds(1));
  CHECK(hub.error(ada.client) == "server_busy");
}

TEST_CASE("two sections with one mid are refused") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  hub.request(ada.client, request::Publish{"v=0", {section("0", Source::camera), section("0", Source::screen)}, false});
  CHECK(hub.error(ada.client) == "message_invalid");
}

TEST_CASE("the codec that really arrives is told when it is another than agreed first") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  hub.worker_says(WorkerId{1}, control::TrackStarted{bob.id, tracks[1], "VP8"});
  CHECK(hub.take<message::TrackUpdated>(ada.client).empty());
  hub.worker_says(WorkerId{1}, control::TrackStarted{bob.id, tracks[1], "AV1"});
  CHECK(hub.take<message::TrackUpdated>(ada.client).at(0).track.codec == "AV1");
}

TEST_CASE("two publishes in a row agree about the tracks of their sections") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.worker().silent = true;
  const request::Publish first{"v=0 offer", {section("0", Source::microphone)}, false};
  const request::Publish second{"v=0 offer", {section("0", Source::microphone), section("1", Source::camera)}, false};
  hub.request(bob.client, first, "1");
  hub.request(bob.client, second, "2");
  const auto commands = hub.worker().take<control::Publish>();
  REQUIRE(commands.size() == 2);
  CHECK(commands[0].tracks[0].track == commands[1].tracks[0].track);
  CHECK(commands[1].tracks[1].track != commands[1].tracks[0].track);
}

TEST_CASE("a track that is unpublished while a publish is under way stays unpublished") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  hub.worker().seen.clear();
  hub.worker().silent = true;
  hub.request(bob.client, request::Publish{"v=0 offer", {section("0", Source::microphone), section("1", Source::camera)}, false});
  hub.request(bob.client, request::Unpublish{tracks[1]});
  const auto asked = hub.worker().seen.at(0).request;
  hub.clear(ada.client);
  const control::Published both{
      bob.id,
      "v=0 answer",
      {{tracks[0], "0", control::Kind::audio, "opus", false}, {tracks[1], "1", control::Kind::video, "VP8", false}}};
  hub.receive(WorkerEvent{WorkerId{1}, {asked, both}});
  CHECK_FALSE(hub.has_mail(ada.client));
  CHECK(hub.take<message::Published>(bob.client).size() == 1);
  hub.worker().silent = false;
  hub.request(bob.client, request::Publish{"v=0 offer", {section("0", Source::microphone), section("1", Source::camera)}, false});
  CHECK(hub.take<message::Published>(bob.client).at(0).tracks.at(1).track != tracks[1]);
  CHECK(hub.take<message::TrackPublished>(ada.client).size() == 1);
}
