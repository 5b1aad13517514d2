// The JSON dialect. What its messages look like is tested by PROTOCOL.md itself; here is what it refuses.

#include "signaling/json.hpp"

#include <catch2/catch.hpp>

#include "sfu/base/random.hpp"

using namespace parley;
using namespace parley::signaling;

namespace {

constexpr std::size_t limit = 256 * 1024;

template <typename T>
T parsed(const std::string& text) {
  const auto result = json::parse(text, limit);
  REQUIRE(std::holds_alternative<RequestMessage>(result));
  return std::get<T>(std::get<RequestMessage>(result).request);
}
std::string code(const std::string& text) {
  const auto result = json::parse(text, limit);
  return std::holds_alternative<json::Unreadable>(result) ? std::get<json::Unreadable>(result).error.code : "";
}

}  // namespace

TEST_CASE("what is no request is invalid") {
  for (const char* text : {"",
                           "x",
                           "[]",
                           "1",
                           "null",
                           "\"join\"",
                           "{",
                           "{}",
                           "{\"type\":1}",
                           "{\"type\":\"nonsense\"}",
                           "{\"type\":\"joined\"}",
                           "{\"type\":\"ping\"} trailing",
                           "{\"type\":\"ping\",}",
                           "{'type':'ping'}",
                           "{\"type\":\"ping\",\"x\":\"\xff\"}",
                           "{\"type\":\"play\",\"sdp\":\"v=0\"}",
                           "{\"type\":\"resume\"}",
                           "{\"type\":\"resume\",\"session\":5}",
                           "{\"type\":\"mute\",\"track\":\"t1\"}",
                           "{\"type\":\"mute\",\"track\":\"t1\",\"muted\":1}",
                           "{\"type\":\"mute\",\"track\":1,\"muted\":true}",
                           "{\"type\":\"publish\"}",
                           "{\"type\":\"publish\",\"sdp\":\"\",\"tracks\":{}}",
                           "{\"type\":\"publish\",\"sdp\":\"\",\"tracks\":[1]}",
                           "{\"type\":\"publish\",\"sdp\":\"\",\"tracks\":[{\"mid\":\"0\"}]}",
                           "{\"type\":\"publish\",\"sdp\":\"\",\"tracks\":[{\"mid\":\"0\",\"source\":\"radio\"}]}",
                           "{\"type\":\"answer\",\"sdp\":\"\",\"revision\":-1}",
                           "{\"type\":\"answer\",\"sdp\":\"\",\"revision\":4294967296}",
                           "{\"type\":\"answer\",\"sdp\":\"\",\"revision\":1.5}",
                           "{\"type\":\"candidate\",\"connection\":\"x\",\"candidate\":\"\"}",
                           "{\"type\":\"restart\",\"connection\":\"publishing\"}",
                           "{\"type\":\"join\",\"attributes\":{\"a\":1}}",
                           "{\"type\":\"join\",\"attributes\":[]}",
                           "{\"type\":\"join\",\"token\":5}"})
    CHECK(code(text) == "message_invalid");
}

TEST_CASE("an error carries the request's id, when it had a usable one") {
  const auto result = json::parse(R"({"type":"mute","id":"a\"b"})", limit);
  const auto& unreadable = std::get<json::Unreadable>(result);
  CHECK(unreadable.mark == R"("a\"b")");
  CHECK(json::write(unreadable.mark, message::Failed{{"c", "m"}}) == R"({"type":"error","id":"a\"b","code":"c","message":"m"})");
  CHECK(json::write("7", message::Pong{}) == R"({"type":"pong","id":7})");
  CHECK(json::write("", message::Ok{}) == R"({"type":"ok"})");
  CHECK(code(R"({"type":"ping","id":[1]})") == "message_invalid");
  CHECK(code("{\"type\":\"ping\",\"id\":\"" + std::string(100, 'x') + "\"}") == "message_invalid");
  CHECK(code(R"({"type":"ping","id":1.5})").empty());
}

TEST_CASE("a message that is too large or nests too deeply is refused unread") {
  CHECK(code("{\"type\":\"ping\",\"x\":\"" + std::string(limit, 'x') + "\"}") == "message_too_large");
  CHECK(code("{\"type\":\"ping\",\"x\":" + std::string(8, '[') + std::string(8, ']') + "}") == "message_invalid");
  CHECK(code("{\"type\":\"ping\",\"x\":" + std::string(7, '[') + std::string(7, ']') + "}").empty());
  CHECK(code(R"({"type":"ping","x":"[[[[[[[[[[[[[[\"[[[[[["})").empty());
  CHECK(code(std::string(200000, '[')) == "message_invalid");
}

TEST_CASE("unknown fields and nulls are ignored") {
  CHECK(parsed<request::Chat>(R"({"type":"chat","text":"a","to":null,"future":{"x":[1]}})").to == std::nullopt);
}

TEST_CASE("an id that is none of ours is one that nobody has, never everybody") {
  for (const char* to : {"", "p", "x7", "p7x", "p-1", "p99999999999999999999999", "7"}) {
    const auto chat = parsed<request::Chat>(std::string(R"({"type":"chat","text":"a","to":")") + to + "\"}");
    REQUIRE(chat.to);
    CHECK(*chat.to == ParticipantId{});
  }
  CHECK(parsed<request::Chat>(R"({"type":"chat","text":"a","to":"p7"})").to == ParticipantId{7});
}

TEST_CASE("text that is not UTF-8, from whomever, becomes JSON all the same") {
  CHECK(json::write("", message::Failed{{"sdp_invalid", "Line \xff"}}).find("\xEF\xBF\xBD") != std::string::npos);
}

TEST_CASE("whatever is done to a message, it is a request or an error") {
  const std::vector<std::string> seeds{
      R"({"type":"join","id":1,"token":"abc","name":"Ada","attributes":{"a":"b"},"autoSubscribe":true})",
      R"({"type":"publish","id":2,"sdp":"v=0\r\n","tracks":[{"mid":"0","source":"microphone","name":"","muted":false,"stereo":false}]})",
      R"({"type":"chat","id":9,"text":"Hell\u00f6 \ud83d\ude00","to":"p2"})", R"({"type":"answer","revision":3,"sdp":"v=0"})"};
  Random random = Random::from_number(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text = seeds[random.below(seeds.size())];
    for (std::uint64_t edits = 1 + random.below(4); edits > 0 && !text.empty(); --edits) {
      const auto at = random.below(text.size());
      switch (random.below(4)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text.erase(at, 1 + random.below(8));
          break;
        case 2:
          text.insert(at, 1, "{}[]\",:\\0e-"[random.below(11)]);
          break;
        default:
          text.insert(at, text.substr(random.below(text.size()), random.below(20)));
          break;
      }
    }
    const auto result = json::parse(text, limit);
    if (const auto* unreadable = std::get_if<json::Unreadable>(&result))
      json::write(unreadable->mark, message::Failed{unreadable->error});
    else
      json::write(std::get<RequestMessage>(result).mark, message::Ok{});
  }
}

TEST_CASE("a view has its defaults, and none of its numbers is beyond its limit") {
  const auto view = [](const std::string& rest) {
    return R"({"type":"view","views":[{"track":"t5","visible":true)" + rest + "}]}";
  };
  const auto views = parsed<request::SetViews>(view("")).views;
  REQUIRE(views.size() == 1);
  CHECK(views[0] == View{.track = TrackId{5}, .visible = true, .width = 0, .height = 0, .priority = 100, .maximum = {}});
  const auto full =
      parsed<request::SetViews>(view(R"(,"width":16384,"height":1,"priority":255,"maximum":{"encoding":1,"temporal":0})"));
  CHECK(full.views.at(0).maximum == control::MaximumLayers{1, control::MaximumLayers::unlimited, 0});
  for (const char* wrong : {R"(,"width":16385)", R"(,"height":-1)", R"(,"height":1.5)", R"(,"width":"1")", R"(,"priority":256)",
                            R"(,"maximum":1)", R"(,"maximum":{"encoding":256})", R"(,"maximum":{"spatial":"x"})"})
    CHECK(code(view(wrong)) == "message_invalid");
  for (const char* wrong : {R"({"type":"view"})", R"({"type":"view","views":[1]})", R"({"type":"view","views":{}})",
                            R"({"type":"view","views":[{"track":"t1"}]})", R"({"type":"view","views":[{"visible":true}]})"})
    CHECK(code(wrong) == "message_invalid");
}

TEST_CASE("one message carries only so many views") {
  const auto message = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += (i ? "," : "") + std::string(R"({"track":"t1","visible":false})");
    return R"({"type":"view","views":[)" + text + "]}";
  };
  CHECK(parsed<request::SetViews>(message(views_limit)).views.size() == views_limit);
  CHECK(code(message(views_limit + 1)) == "message_invalid");
}
