// What participants receive.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

TEST_CASE("an offer says whose tracks its sections carry, and its answer reaches the worker") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  const auto ada = hub.join("ada");
  auto offers = hub.take<message::Offer>(ada.client);
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].tracks == std::vector<message::Offer::Section>{{"0", tracks[0], bob.id}});
  CHECK_FALSE(offers[0].replace);
  hub.request(ada.client, request::Answer{offers[0].revision, "v=0 answer"});
  const auto answers = hub.worker().take<control::AcceptAnswer>();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].answer == "v=0 answer");
  offers = hub.take<message::Offer>(ada.client);
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].tracks.size() == 2);
}

TEST_CASE("an answer to an older offer is stale") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  const auto ada = hub.join("ada");
  const auto offer = hub.take<message::Offer>(ada.client).at(0);
  hub.request(ada.client, request::Answer{offer.revision + 1, "v=0"});
  CHECK(hub.error(ada.client) == "stale_answer");
  hub.request(ada.client, request::Answer{offer.revision, "v=0"});
  hub.request(ada.client, request::Answer{offer.revision, "v=0"});
  CHECK(hub.error(ada.client) == "stale_answer");
}

TEST_CASE("an answer that the worker refuses is answered with its reason") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  const auto ada = hub.join("ada");
  const auto offer = hub.take<message::Offer>(ada.client).at(0);
  hub.worker().refusal = Error{"sdp_mismatch", "The answer does not fit the offer."};
  hub.request(ada.client, request::Answer{offer.revision, "v=0"});
  CHECK(hub.error(ada.client) == "sdp_mismatch");
}

TEST_CASE("a new receiving connection's first offer is marked, and an answer meant for the old one is not taken for it") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  const auto ada = hub.join("ada");
  const auto old_offer = hub.take<message::Offer>(ada.client).at(0);
  hub.request(ada.client, request::Restart{.replace = true});
  CHECK(hub.take<message::Ok>(ada.client).size() == 1);
  CHECK(hub.worker().take<control::Renegotiate>().at(0).replace);
  const auto new_offer = hub.take<message::Offer>(ada.client).at(0);
  CHECK(new_offer.replace);
  CHECK(new_offer.revision != old_offer.revision);
  hub.request(ada.client, request::Answer{old_offer.revision, "v=0"});
  CHECK(hub.error(ada.client) == "stale_answer");
  hub.request(ada.client, request::Answer{new_offer.revision, "v=0"});
  CHECK(hub.worker().take<control::AcceptAnswer>().at(0).revision == 1);
}

TEST_CASE("whoever does not want everything subscribes one by one") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  const auto ada = hub.join(grant_for("tea", "ada"),
                            {.token = {}, .room = {}, .name = {}, .attributes = {}, .auto_subscribe = false, .only = {}});
  CHECK(hub.worker().take<control::Subscribe>().empty());
  hub.request(ada.client, request::Subscribe{tracks[1]});
  hub.request(ada.client, request::Subscribe{tracks[1]});
  CHECK(hub.take<message::Ok>(ada.client).size() == 2);
  CHECK(hub.worker().take<control::Subscribe>().size() == 1);
  hub.request(ada.client, request::Unsubscribe{tracks[1]});
  CHECK(hub.worker().take<control::Unsubscribe>().size() == 1);
  hub.request(ada.client, request::Unsubscribe{tracks[1]});
  CHECK(hub.error(ada.client) == "track_unknown");
}

TEST_CASE("nobody subscribes to what is not in the room, to their own, or without the permission") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  const auto elsewhere = hub.join("eve", "coffee");
  hub.request(elsewhere.client, request::Subscribe{tracks[0]});
  CHECK(hub.error(elsewhere.client) == "track_unknown");
  hub.request(bob.client, request::Subscribe{tracks[0]});
  CHECK(hub.error(bob.client) == "track_unknown");
  auto grant = grant_for("tea", "mute");
  grant.permissions.can_subscribe = false;
  hub.worker().seen.clear();
  const auto mute = hub.join(grant);
  CHECK(hub.worker().take<control::Subscribe>().empty());
  hub.request(mute.client, request::Subscribe{tracks[0]});
  CHECK(hub.error(mute.client) == "not_allowed");
}

TEST_CASE("a subscription that the worker refuses is told with the reason") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.worker().subscription_refusal = Error{"codec_unsupported", "This browser cannot decode H264."};
  const auto tracks = hub.publish(bob.client);
  const auto news = hub.take<message::Subscription>(ada.client);
  REQUIRE(news.size() == 1);
  CHECK(news[0].track == tracks[0]);
  CHECK(news[0].state == control::SubscriptionState::refused);
  CHECK(news[0].reason == "codec_unsupported");
}

TEST_CASE("progress of subscriptions and connections is passed on to the one it is about") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto tracks = hub.publish(bob.client);
  const auto ada = hub.join("ada");
  hub.clear(ada.client);
  hub.clear(bob.client);
  hub.worker_says(WorkerId{1}, control::SubscriptionChanged{ada.id, tracks[0], control::SubscriptionState::refused,
                                                            "codec_unsupported", "No."});
  const auto news = hub.take<message::Subscription>(ada.client);
  REQUIRE(news.size() == 1);
  CHECK(news[0].reason == "codec_unsupported");
  hub.worker_says(WorkerId{1},
                  control::ConnectionChanged{ada.id, control::Connection::subscribing, control::ConnectionState::connected});
  CHECK(hub.take<message::Connection>(ada.client).at(0).state == control::ConnectionState::connected);
  CHECK_FALSE(hub.has_mail(bob.client));
}

TEST_CASE("a new address of the worker's is told for the connections that there are") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.publish(bob.client);
  hub.worker_says(WorkerId{1}, control::CandidatesChanged{{"candidate:1 1 udp 1 192.0.2.1 40000 typ host",
                                                           "candidate:2 1 udp 1 192.0.2.9 40000 typ host"}});
  const auto to_publisher = hub.take<message::Candidate>(bob.client);
  REQUIRE(to_publisher.size() == 1);
  CHECK(to_publisher[0].connection == control::Connection::publishing);
  CHECK(to_publisher[0].candidate == "candidate:2 1 udp 1 192.0.2.9 40000 typ host");
  CHECK(hub.take<message::Candidate>(ada.client).at(0).connection == control::Connection::subscribing);
}

TEST_CASE("a WHEP viewer is subscribed once its offer is answered, is not announced, and may ask for one participant only") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  const auto eve = hub.join("eve");
  hub.publish(eve.client);
  const auto tracks = hub.publish(bob.client);
  hub.clear(bob.client);
  hub.worker().seen.clear();
  const auto viewer =
      hub.join(grant_for("tea", "viewer"),
               {.token = {}, .room = {}, .name = {}, .attributes = {}, .presence = Presence::viewer, .only = "bob"});
  CHECK(hub.worker().take<control::Subscribe>().empty());
  hub.request(viewer.client, request::Play{"v=0 offer"});
  CHECK(hub.take<message::Playing>(viewer.client).size() == 1);
  const auto subscribed = hub.worker().take<control::Subscribe>();
  REQUIRE(subscribed.size() == 2);
  CHECK(subscribed[0].track == tracks[0]);
  CHECK_FALSE(hub.has_mail(bob.client));
  hub.request(bob.client, request::Mute{tracks[0], true});
  CHECK_FALSE(hub.has_mail(viewer.client));  // it has no use for the room's news
}
