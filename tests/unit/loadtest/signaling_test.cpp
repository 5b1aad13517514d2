// The dialects: what is said to a server, and what is made of its words, polite or not.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "loadtest/signaling_janus.hpp"
#include "loadtest/signaling_parley.hpp"
#include "loadtest/signaling_whip.hpp"

using namespace parley;
using namespace parley::loadtest;
using nlohmann::json;

namespace {

constexpr Time start{};

Visitor visitor(bool publishes = true, bool watches = true) {
  return {.room = "tea", .identity = "ada", .token = "secret", .publishes = publishes, .watches = watches};
}

PublishOffer offer(std::uint32_t number) {
  return {.number = number,
          .sdp = "v=0\r\na=setup:actpass\r\n",
          .tracks = {{"0", control::Kind::audio}, {"1", control::Kind::video}}};
}

/// The texts that were said since the last time.
std::vector<json> said(SignalingOutput& out) {
  std::vector<json> texts;
  for (const auto& action : std::exchange(out.web, {}))
    if (const auto* text = std::get_if<SendText>(&action)) texts.push_back(json::parse(text->text));
  return texts;
}

json only(SignalingOutput& out) {
  const auto texts = said(out);
  REQUIRE(texts.size() == 1);
  return texts.front();
}

void hear(Signaling& signaling, const json& message, SignalingOutput& out) {
  signaling.receive(start, SocketText{message.dump()}, out);
}

/// Texts that no server should send, one of them for each way of reading a field.
const std::vector<std::string> nonsense = {
    "",
    "{",
    "[]",
    "17",
    R"({"type": 3, "janus": []})",
    R"({"type": "offer", "sdp": 5, "tracks": "all", "replace": "yes", "revision": -1})",
    R"({"type": "offer", "tracks": [1, null, {"mid": 2, "track": "x"}]})",
    R"({"type": "published", "id": "one", "sdp": {}})",
    R"({"janus": "success", "transaction": "create", "data": 5})",
    R"({"janus": "event", "plugindata": {"data": {"publishers": [7], "streams": {}}}, "jsep": []})",
    R"({"janus": "event", "transaction": "publish x", "jsep": {"sdp": "v=0"}})"};

}  // namespace

TEST_CASE("Parley: a socket, a join with the token, and the server's words become the peer's") {
  ParleySignaling signaling("ws://server/signal", visitor(true, false));
  SignalingOutput out;
  signaling.start(start, out);
  REQUIRE(out.web.size() == 1);
  CHECK(std::get<OpenSocket>(out.web.front()).subprotocol == "parley.1");
  out = {};
  signaling.receive(start, SocketOpened{}, out);
  CHECK(only(out) == json{{"type", "join"}, {"id", 0}, {"token", "secret"}, {"autoSubscribe", false}});
  CHECK(signaling.state() == Signaling::State::outside);
  hear(signaling, {{"type", "joined"}, {"id", 0}}, out);
  CHECK(signaling.state() == Signaling::State::inside);

  signaling.receive(start, ToServer{offer(3)}, out);
  const json publish = only(out);
  CHECK(publish["id"] == 3);
  CHECK(publish["tracks"] == json::parse(R"([{"mid": "0", "source": "microphone"}, {"mid": "1", "source": "camera"}])"));
  hear(signaling, {{"type", "published"}, {"id", 3}, {"sdp", "answer"}}, out);
  CHECK(std::get<PublishAnswer>(out.peer.at(0)).sdp == "answer");
  hear(signaling, {{"type", "error"}, {"id", 3}, {"code", "server_busy"}}, out);
  CHECK(std::get<PublishRefused>(out.peer.at(1)).number == 3);
  hear(signaling,
       json::parse(R"({"type": "offer", "revision": 2, "sdp": "o", "replace": true, "tracks": [{"mid": "4", "track": "t17"}]})"),
       out);
  const auto& subscribe = std::get<SubscribeOffer>(out.peer.at(2));
  CHECK(subscribe.revision == 2);
  CHECK(subscribe.replace);
  CHECK(subscribe.tracks.at(0).track == TrackId{17});
  CHECK(signaling.state() == Signaling::State::inside);
}

TEST_CASE("Parley: who is refused or put out knows why") {
  for (const char* text : {R"({"type": "error", "id": 0, "code": "token_expired", "message": "Too late."})",
                           R"({"type": "closed", "code": "token_expired", "message": "Too late."})"}) {
    ParleySignaling signaling("ws://server/signal", visitor());
    SignalingOutput out;
    signaling.receive(start, SocketText{text}, out);
    CHECK(signaling.state() == Signaling::State::ended);
    CHECK(signaling.reason() == "token_expired: Too late.");
  }
  ParleySignaling signaling("ws://server/signal", visitor());
  SignalingOutput out;
  signaling.receive(start, SocketClosed{"Connection refused"}, out);
  CHECK(signaling.reason() == "Connection refused");
}

TEST_CASE("WHIP: an offer is posted with the token, the answer is the body, and the session is deleted in the end") {
  WhipSignaling signaling("https://server:8443/whip/tea", visitor());
  SignalingOutput out;
  signaling.start(start, out);
  CHECK(signaling.state() == Signaling::State::inside);
  signaling.receive(start, ToServer{offer(1)}, out);
  const auto post = std::get<SendCall>(out.web.at(0));
  CHECK(post.method == "POST");
  CHECK(post.url == "https://server:8443/whip/tea");
  CHECK(post.headers.at(0) == std::pair<std::string, std::string>("Authorization", "Bearer secret"));
  CHECK(post.body == offer(1).sdp);
  signaling.receive(start, CallReply{post.number, 201, {{"location", "/whip/tea/xyz"}}, "answer"}, out);
  CHECK(std::get<PublishAnswer>(out.peer.at(0)).sdp == "answer");
  out = {};
  signaling.leave(start, out);
  CHECK(std::get<SendCall>(out.web.at(0)).method == "DELETE");
  CHECK(std::get<SendCall>(out.web.at(0)).url == "https://server:8443/whip/tea/xyz");
}

TEST_CASE("WHIP: a new offer ends the session before, and a refusal is the end") {
  WhipSignaling signaling("http://server/whip/tea", visitor());
  SignalingOutput out;
  signaling.receive(start, ToServer{offer(1)}, out);
  signaling.receive(start, CallReply{1, 201, {{"location", "http://other/1"}}, "answer"}, out);
  out = {};
  signaling.receive(start, ToServer{offer(2)}, out);
  CHECK(std::get<SendCall>(out.web.at(0)).url == "http://other/1");
  CHECK(std::get<SendCall>(out.web.at(1)).number == 2);
  signaling.receive(start, CallReply{0, 404, {}, ""}, out);  // of the DELETE
  CHECK(signaling.state() != Signaling::State::ended);
  signaling.receive(start, CallReply{2, 403, {}, "not you"}, out);
  CHECK(signaling.state() == Signaling::State::ended);
  CHECK(signaling.reason() == "the server answers 403 to an offer: not you");
}

namespace {

/// Brings a Janus dialect into its room.
void enter(JanusSignaling& signaling, SignalingOutput& out) {
  signaling.receive(start, SocketOpened{}, out);
  CHECK(only(out)["janus"] == "create");
  hear(signaling, json::parse(R"({"janus": "success", "transaction": "create", "data": {"id": 5}})"), out);
  CHECK(only(out)["plugin"] == "janus.plugin.videoroom");
  hear(signaling, json::parse(R"({"janus": "success", "transaction": "member", "data": {"id": 6}})"), out);
  CHECK(only(out)["body"]["request"] == "create");
  hear(signaling, json::parse(R"({"janus": "success", "transaction": "room", "plugindata": {"data": {"error_code": 427}}})"),
       out);
  CHECK(only(out)["body"]["ptype"] == "publisher");
  hear(signaling, json::parse(R"({"janus": "event", "transaction": "join", "plugindata": {"data": {"videoroom": "joined",
                                  "publishers": [{"id": 70}]}}})"),
       out);
  CHECK(signaling.state() == Signaling::State::inside);
}

}  // namespace

TEST_CASE("Janus: a publisher joins, lets Janus be the DTLS server, and gets its answer") {
  JanusSignaling signaling("ws://server:8188/", 3, visitor(true, false));
  SignalingOutput out;
  enter(signaling, out);
  CHECK(said(out).empty());  // it does not watch
  signaling.receive(start, ToServer{offer(4)}, out);
  const auto texts = said(out);
  REQUIRE(texts.size() == 2);
  CHECK(texts[0]["jsep"]["sdp"] == "v=0\r\na=setup:active\r\n");
  CHECK(texts[0]["handle_id"] == 6);
  CHECK(texts[1]["candidate"]["completed"] == true);
  hear(signaling, json::parse(R"({"janus": "event", "transaction": "publish 4", "jsep": {"type": "answer", "sdp": "answer"}})"),
       out);
  CHECK(std::get<PublishAnswer>(out.peer.at(0)).number == 4);
}

TEST_CASE("Janus: a viewer asks for everybody over one connection, one negotiation at a time") {
  JanusSignaling signaling("ws://server:8188/", 3, visitor(false));
  SignalingOutput out;
  enter(signaling, out);
  CHECK(only(out)["janus"] == "attach");
  hear(signaling, json::parse(R"({"janus": "success", "transaction": "receiver", "data": {"id": 8}})"), out);
  json asked = only(out);
  CHECK(asked["body"] == json::parse(R"({"request": "join", "ptype": "subscriber", "room": 3, "streams": [{"feed": 70}]})"));
  CHECK(asked["handle_id"] == 8);
  // Somebody else begins to publish before the first offer has come.
  hear(signaling,
       json::parse(R"({"janus": "event", "plugindata": {"data": {"videoroom": "event", "publishers": [{"id": 71}]}}})"), out);
  CHECK(said(out).empty());
  hear(signaling,
       json::parse(R"({"janus": "event", "transaction": "feeds", "jsep": {"type": "offer", "sdp": "o"}, "plugindata": {"data":
       {"videoroom": "attached", "streams": [{"mid": "0", "feed_id": 70, "feed_mid": "1"}]}}})"),
       out);
  const auto subscribe = std::get<SubscribeOffer>(out.peer.at(0));
  CHECK(subscribe.tracks.at(0).mid == "0");
  signaling.receive(start, ToServer{SubscribeAnswer{subscribe.revision, "answer"}}, out);
  const auto texts = said(out);
  REQUIRE(texts.size() == 3);
  CHECK(texts[0]["body"]["request"] == "start");
  CHECK(texts[2]["body"] == json::parse(R"({"request": "subscribe", "streams": [{"feed": 71}]})"));
}

TEST_CASE("Janus: the session is kept alive, and ends with whoever leaves") {
  JanusSignaling signaling("ws://server:8188/", 3, visitor(true, false));
  SignalingOutput out;
  CHECK(signaling.wakeup() == never);
  enter(signaling, out);
  const Time due = signaling.wakeup();
  CHECK(due == start + JanusSignaling::keepalive_interval);
  signaling.advance(due, out);
  CHECK(only(out)["janus"] == "keepalive");
  CHECK(signaling.wakeup() > due);
  signaling.leave(due, out);
  CHECK(only(out)["janus"] == "destroy");
}

TEST_CASE("Nonsense from a server is an end or is passed over, and never a crash") {
  for (const std::string& text : nonsense) {
    INFO(text);
    SignalingOutput out;
    ParleySignaling parley("ws://server/signal", visitor());
    parley.receive(start, SocketText{text}, out);
    JanusSignaling janus("ws://server/", 1, visitor());
    janus.receive(start, SocketText{text}, out);
    CHECK(out.web.size() <= 2);
  }
}
