// Texts, names, speakers, and what an administrator decides.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

TEST_CASE("a text reaches everybody in the room, its sender included") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto elsewhere = hub.join("eve", "coffee");
  hub.request(ada.client, request::Chat{"Hello", {}});
  for (const auto& person : {ada, bob}) {
    const auto texts = hub.take<message::Chat>(person.client);
    REQUIRE(texts.size() == 1);
    CHECK(texts[0].participant == ada.id);
    CHECK(texts[0].text == "Hello");
    CHECK(texts[0].time == start);
    CHECK_FALSE(texts[0].is_private);
  }
  CHECK(hub.take<message::Chat>(elsewhere.client).empty());
}

TEST_CASE("a text to one person reaches nobody else") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  const auto eve = hub.join("eve");
  hub.request(ada.client, request::Chat{"Hello", bob.id});
  CHECK(hub.take<message::Chat>(ada.client).at(0).is_private);
  CHECK(hub.take<message::Chat>(bob.client).at(0).is_private);
  CHECK(hub.take<message::Chat>(eve.client).empty());
  hub.request(ada.client, request::Chat{"Hello", ParticipantId{}});
  CHECK(hub.error(ada.client) == "participant_unknown");
  CHECK(hub.take<message::Chat>(eve.client).empty());
}

TEST_CASE("texts need the permission, and have a size") {
  HubHarness hub;
  auto grant = grant_for("tea", "ada");
  grant.permissions.can_publish_data = false;
  const auto ada = hub.join(grant);
  hub.request(ada.client, request::Chat{"Hello", {}});
  CHECK(hub.error(ada.client) == "not_allowed");
  const auto bob = hub.join("bob");
  hub.request(bob.client, request::Chat{std::string(4096, 'x'), {}});
  CHECK(hub.take<message::Chat>(ada.client).size() == 1);
  hub.request(bob.client, request::Chat{std::string(4097, 'x'), {}});
  CHECK(hub.error(bob.client) == "message_too_large");
  CHECK(hub.count(HubCounter::message_too_large) == 1);
  hub.request(bob.client, request::Chat{"", {}});
  CHECK(hub.error(bob.client) == "message_invalid");
}

TEST_CASE("a new name and new attributes are told to the others") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  const auto bob = hub.join("bob");
  hub.request(bob.client, request::Update{"Bobby", Attributes{{"hand", "up"}}});
  CHECK(hub.take<message::Ok>(bob.client).size() == 1);
  auto news = hub.take<message::ParticipantUpdated>(ada.client);
  REQUIRE(news.size() == 1);
  CHECK(news[0].participant.name == "Bobby");
  CHECK(news[0].participant.attributes.at("hand") == "up");
  hub.request(bob.client, request::Update{std::nullopt, Attributes{}});
  news = hub.take<message::ParticipantUpdated>(ada.client);
  CHECK(news.at(0).participant.name == "Bobby");
  CHECK(news.at(0).participant.attributes.empty());
}

TEST_CASE("names and attributes that are too large or not text are refused") {
  HubHarness hub;
  const auto bob = hub.join("bob");
  hub.request(bob.client, request::Update{std::string(129, 'x'), std::nullopt});
  CHECK(hub.error(bob.client) == "message_invalid");
  hub.request(bob.client, request::Update{"two\nlines", std::nullopt});
  CHECK(hub.error(bob.client) == "message_invalid");
  hub.request(bob.client, request::Update{std::nullopt, Attributes{{"key", std::string(1022, 'x')}}});
  CHECK(hub.error(bob.client) == "message_invalid");
  Attributes many;
  for (int i = 0; i < 17; ++i) many[std::to_string(i)] = "";
  hub.request(bob.client, request::Update{std::nullopt, many});
  CHECK(hub.error(bob.client) == "message_invalid");
}

TEST_CASE("speakers are told with a level from 0 to 1, loudest first, and no hidden one among them") {
  HubHarness hub;
  const auto ada = hub.join("ada");
  auto grant = grant_for("tea", "ghost");
  grant.permissions.hidden = true;
  const auto ghost = hub.join(grant);
  hub.worker_says(WorkerId{1}, control::SpeakersChanged{RoomId{1}, {{ghost.id, 0}, {ada.id, 0}, {ada.id, 50}, {ada.id, 127}}});
  const auto speakers = hub.take<message::Speakers>(ada.client).at(0).speakers;
  REQUIRE(speakers.size() == 3);
  CHECK(speakers[0].level == 1.0);
  CHECK(speakers[1].level == 0.61);
  CHECK(speakers[2].level == 0.0);
}

TEST_CASE("an administrator removes somebody, who is told so; others may not") {
  HubHarness hub;
  auto grant = grant_for("tea", "ada");
  grant.permissions.room_admin = true;
  const auto ada = hub.join(grant);
  const auto bob = hub.join("bob");
  hub.request(bob.client, request::Remove{ada.id});
  CHECK(hub.error(bob.client) == "not_allowed");
  hub.request(ada.client, request::Remove{bob.id});
  CHECK(hub.take<message::Ok>(ada.client).size() == 1);
  CHECK(hub.take<message::Closed>(bob.client).at(0).code == message::ClosedCode::removed);
  CHECK(hub.closed == std::set{bob.client});
  CHECK(hub.take<message::ParticipantLeft>(ada.client).at(0).reason == message::LeftReason::removed);
  hub.request(ada.client, request::Remove{bob.id});
  CHECK(hub.error(ada.client) == "participant_unknown");
}
