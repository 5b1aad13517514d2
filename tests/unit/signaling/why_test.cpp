// Why somebody gets the picture that they get: over HTTP, as sentences, as a table.

#include "signaling/why.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "front_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {

using Catch::Matchers::Contains;
using Json = nlohmann::json;

HttpRequest ask_for(const std::string& query, const std::string& token) {
  return {.method = "GET",
          .path = "/api/why",
          .query = query,
          .headers = {{"authorization", "Bearer " + token}},
          .body = {},
          .peer = {}};
}
std::string administrator_of(const std::string& room) {
  Grant grant = grant_for(room, "operator");
  grant.permissions.room_admin = true;
  return token_for(grant);
}

/// Bob sends a camera, which Ada receives; the participants are 1 and 2, the track is 1.
void meet(FrontHarness& front) {
  for (const char* name : {"bob", "ada"}) {
    const ClientId client = front.open();
    front.say(client, R"({"type":"join","name":")" + std::string(name == std::string("bob") ? "Bob" : "Ada") + R"(","token":")" +
                          token_for("tea", name) + "\"}");
    if (name == std::string("bob"))
      front.say(client, R"({"type":"publish","sdp":"v=0","tracks":[{"mid":"1","source":"camera"}]})");
    else
      front.say(client, R"({"type":"view","views":[{"track":"t1","visible":true,"width":640,"height":360}]})");
  }
}

WhySummary::Entry active(control::Limit limit) {
  WhySummary::Entry entry{"bob", "Bob", {.track = TrackId{1}, .kind = control::Kind::video, .name = {}, .codec = "VP8"}, {}};
  entry.subscription.view = View{TrackId{1}, true, 320, 180, 100, {}};
  entry.subscription.state =
      control::SubscriptionChanged{ParticipantId{2}, TrackId{1}, control::SubscriptionState::active, "", ""};
  entry.subscription.quality = control::QualityChanged{ParticipantId{2}, TrackId{1}, {}, {}, limit, 940'000};
  return entry;
}
std::string explained(const WhySummary::Entry& entry) { return explain({"tea", "ada", "Ada", {}}, entry); }

}  // namespace

TEST_CASE("an administrator of the room is told what a participant receives, and why") {
  FrontHarness front;
  meet(front);
  const control::Picture current{0, 0, 2, 320, 180, 150'000, false}, wanted{1, 0, 2, 640, 360, 500'000, false};
  front.worker_says(control::SubscriptionChanged{ParticipantId{2}, TrackId{1}, control::SubscriptionState::active, "", ""});
  front.worker_says(control::QualityChanged{ParticipantId{2}, TrackId{1}, current, wanted, control::Limit::bandwidth, 940'000});
  const auto response = front.ask(ask_for("room=tea&participant=ada", administrator_of("tea")));
  REQUIRE(response.status == 200);
  const Json body = Json::parse(response.body);
  CHECK(body["participant"] == "ada");
  REQUIRE(body["subscriptions"].size() == 1);
  const Json subscription = body["subscriptions"][0];
  CHECK(subscription["participant"] == "bob");
  CHECK(subscription["source"] == "camera");
  CHECK(subscription["state"] == "active");
  CHECK(subscription["view"]["width"] == 640);
  CHECK(subscription["current"]["height"] == 180);
  CHECK(subscription["wanted"]["encoding"] == 1);
  CHECK(subscription["limit"] == "bandwidth");
  CHECK(subscription["estimate"] == 940'000);
  CHECK(subscription["why"] == "Ada's connection carries 0.9 Mbit/s now.");
}

TEST_CASE("nobody else is told anything, not even whether there is such a room") {
  FrontHarness front;
  meet(front);
  const std::string query = "room=tea&participant=ada";
  CHECK(front.ask(ask_for(query, "")).status == 401);
  CHECK(front.ask(ask_for(query, token_for("tea", "ada"))).status == 403);
  CHECK(front.ask(ask_for(query, administrator_of("coffee"))).status == 403);
  CHECK(front.ask(ask_for("participant=ada", administrator_of("tea"))).status == 403);
  CHECK(front.ask(ask_for("room=tea&participant=eve", administrator_of("tea"))).status == 404);
  CHECK(front.ask(ask_for("room=coffee&participant=ada", administrator_of("coffee"))).status == 404);
  auto request = ask_for(query, administrator_of("tea"));
  request.method = "POST";
  CHECK(front.ask(request).status == 405);
}

TEST_CASE("every limit has its sentence") {
  CHECK(explained(active(control::Limit::none)) == "This is everything that Bob sends.");
  CHECK(explained(active(control::Limit::bandwidth)) == "Ada's connection carries 0.9 Mbit/s now.");
  CHECK(explained(active(control::Limit::viewport)) == "It is shown at 320 x 180 pixels.");
  CHECK(explained(active(control::Limit::publisher)) == "Bob's browser sends no better picture now.");
  CHECK(explained(active(control::Limit::cpu)) == "A processor, Bob's or Ada's, has no time for more.");
  CHECK(explained(active(control::Limit::policy)) == "The room forwards those who spoke last only.");
  auto entry = active(control::Limit::viewport);
  entry.subscription.view->maximum.encoding = 0;
  CHECK(explained(entry) == "The page asks for no more than this.");
  entry.subscription.view->visible = false;
  CHECK(explained(entry) == "It is not on the screen.");
  entry.track.muted = true;
  CHECK(explained(entry) == "Bob has turned it off.");
}

TEST_CASE("what has not begun, or cannot be, is explained too") {
  auto entry = active(control::Limit::none);
  entry.subscription.quality.reset();
  CHECK(explained(entry) == "All of it is sent.");
  entry.subscription.state->state = control::SubscriptionState::refused;
  entry.subscription.state->message = "This browser cannot decode H264.";
  CHECK(explained(entry) == "This browser cannot decode H264.");
  entry.subscription.state.reset();
  CHECK(explained(entry) == "Nothing has come so far.");
}

TEST_CASE("the table has a line for each subscription, in columns") {
  WhySummary summary{"tea", "ada", "Ada", {active(control::Limit::bandwidth), active(control::Limit::none)}};
  summary.entries[0].publisher_name = "Zoë Ångström";
  summary.entries[0].subscription.quality->current = {0, 0, 2, 320, 180, 149'600, false};
  summary.entries[0].subscription.quality->wanted = {2, 0, 2, 1280, 720, 1'500'000, false};
  summary.entries[1].subscription.quality->current.paused = true;
  const auto table = why_table(write_why(summary));
  REQUIRE(table);
  CAPTURE(*table);
  CHECK_THAT(*table, Contains("Ada (ada) in room tea, whose connection carries about 940 kbit/s\n"));
  std::istringstream lines(*table);
  std::string line, header, first, second;
  std::getline(lines, line);
  std::getline(lines, header);
  std::getline(lines, first);
  std::getline(lines, second);
  CHECK_THAT(first, Contains("320 x 180, layer 0.0.2, 150 kbit/s") && Contains("1280 x 720, layer 2.0.2, 1500 kbit/s"));
  CHECK_THAT(first, Contains("bandwidth") && Contains("Ada's connection carries 0.9 Mbit/s now."));
  CHECK_THAT(second, Contains("paused"));
  CHECK(header.find("WHY") == second.find("This is everything"));
  CHECK(header.find("WHY") + 3 == first.find("Ada's connection"));  // three letters of the name have two bytes
}

TEST_CASE("an answer of something else is no table, and nothing in a table moves the cursor") {
  for (const char* text : {"", "{}", "[]", "x", R"({"subscriptions":1})"}) CHECK_FALSE(why_table(text));
  CHECK(why_table(R"({"subscriptions":[]})"));
  CHECK(why_table(R"({"subscriptions":[1,{"current":5,"kind":7},{"current":{"paused":"x","width":-1}}]})"));
  const auto table = why_table(R"({"subscriptions":[{"name":"\u001b[2J","why":"a\nb"}]})");
  REQUIRE(table);
  CHECK(table->find('\x1b') == std::string::npos);
  CHECK(table->find("a?b") != std::string::npos);
}
