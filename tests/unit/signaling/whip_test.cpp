// WHIP and WHEP, status code by status code.

#include <catch2/catch.hpp>

#include "front_harness.hpp"
#include "signaling/api.hpp"
#include "signaling/ice_fragment.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {

const std::string offer =
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
    "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=sendonly\r\n";

HttpRequest post(const std::string& path, const std::string& token) {
  HttpRequest request{
      .method = "POST", .path = path, .query = {}, .headers = {{"content-type", "application/sdp"}}, .body = offer, .peer = {}};
  if (!token.empty()) request.headers["authorization"] = "Bearer " + token;
  return request;
}
HttpRequest patch(const std::string& path, const std::string& if_match, const std::string& body) {
  HttpRequest request{.method = "PATCH",
                      .path = path,
                      .query = {},
                      .headers = {{"content-type", "application/trickle-ice-sdpfrag"}},
                      .body = body,
                      .peer = {}};
  if (!if_match.empty()) request.headers["if-match"] = if_match;
  return request;
}
HttpRequest plain(const std::string& method, const std::string& path) {
  return {.method = method, .path = path, .query = {}, .headers = {}, .body = {}, .peer = {}};
}
const std::string trickle =
    "a=ice-ufrag:EsAw\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.5 5000 typ host\r\n";
const std::string restart =
    "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF "
    "0\r\na=mid:0\r\na=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n";

struct Session {
  HttpResponse response;
  std::string path, etag;
};
Session publish(FrontHarness& front, const std::string& identity = "camera") {
  const auto response = front.ask(post("/whip/tea", token_for("tea", identity)));
  REQUIRE(response.status == 201);
  return {response, std::string(response.header("Location")), std::string(response.header("ETag"))};
}
Session play(FrontHarness& front, const std::string& identity = "viewer", const std::string& query = "") {
  auto request = post("/whep/tea", token_for("tea", identity));
  request.query = query;
  const auto response = front.ask(std::move(request));
  REQUIRE(response.status == 201);
  return {response, std::string(response.header("Location")), std::string(response.header("ETag"))};
}
bool was_told(FrontHarness& front, ClientId client, const std::string& part) {
  for (const auto& text : front.inbox[client])
    if (text.find(part) != std::string::npos) return true;
  return false;
}
ClientId join(FrontHarness& front, const std::string& identity) {
  const ClientId client = front.open();
  front.say(client, R"({"type":"join","token":")" + token_for("tea", identity) + "\"}");
  REQUIRE(was_told(front, client, R"("type":"joined")"));
  return client;
}

}  // namespace

TEST_CASE("WHIP publishes: 201 with the answer, a URL, an ETag and the ICE servers") {
  FrontHarness front(HubSettings{{}, {{"stun:stun.example.org", "", ""}, {"turn:turn.example.org", "user", "password"}}});
  const ClientId ada = join(front, "ada");
  const auto session = publish(front);
  CHECK(session.response.body == "v=0 answer");
  CHECK(session.response.header("Content-Type") == "application/sdp");
  CHECK(session.path.starts_with("/whip/tea/"));
  CHECK(session.path.size() == std::string("/whip/tea/").size() + 22);  // 128 bits
  CHECK(session.etag.front() == '"');
  std::vector<std::string> links;
  for (const auto& [name, value] : session.response.headers)
    if (name == "Link") links.push_back(value);
  CHECK(links ==
        std::vector<std::string>{
            R"(<stun:stun.example.org>; rel="ice-server")",
            R"(<turn:turn.example.org>; rel="ice-server"; username="user"; credential="password"; credential-type="password")"});
  CHECK(was_told(front, ada, R"("type":"participantJoined","participant":{"participant":"p2","identity":"camera")"));
  CHECK(was_told(front, ada, R"("kind":"audio","source":"microphone")"));
  CHECK(was_told(front, ada, R"("kind":"video","source":"camera")"));
  const auto published = front.worker().take<control::Publish>();
  REQUIRE(published.size() == 1);
  CHECK(published[0].offer == offer);
  CHECK(published[0].spare.size() == 16);
}

TEST_CASE("WHEP plays what is there and what comes later, and nobody sees the viewer") {
  FrontHarness front;
  publish(front, "first");
  const ClientId ada = join(front, "ada");
  front.worker().seen.clear();
  const auto session = play(front);
  CHECK(session.path.starts_with("/whep/tea/"));
  const auto& seen = front.worker().seen;
  REQUIRE(seen.size() == 4);
  CHECK(std::holds_alternative<control::AddParticipant>(seen[0].command));
  CHECK(std::holds_alternative<control::Play>(seen[1].command));
  CHECK(std::get<control::Subscribe>(seen[2].command).track < std::get<control::Subscribe>(seen[3].command).track);
  CHECK_FALSE(was_told(front, ada, "viewer"));
  front.worker().seen.clear();
  publish(front, "second");
  CHECK(front.worker().take<control::Subscribe>().size() == 4);  // the viewer's and Ada's
}

TEST_CASE("WHEP for one participant plays nobody else") {
  FrontHarness front;
  publish(front, "first");
  publish(front, "second one");
  front.worker().seen.clear();
  play(front, "viewer", "x=1&participant=second%20one");
  CHECK(front.worker().take<control::Subscribe>().size() == 2);
}

TEST_CASE("a page and a viewer may share a token, two publishers may not") {
  FrontHarness front;
  const ClientId ada = join(front, "ada");
  play(front, "ada");
  CHECK(front.closed.empty());
  const auto first = publish(front, "ada");
  CHECK(front.closed == std::set{ada});
  publish(front, "ada");
  CHECK(front.ask(plain("GET", first.path)).status == 404);
}

TEST_CASE("401 for tokens that do not hold, with what RFC 6750 wants") {
  FrontHarness front;
  const auto missing = front.ask(post("/whip/tea", ""));
  CHECK(missing.status == 401);
  CHECK(missing.header("WWW-Authenticate") == "Bearer realm=\"parley\"");
  const auto bad = front.ask(post("/whip/tea", token_for("tea", "x") + "A"));
  CHECK(bad.status == 401);
  CHECK(bad.header("WWW-Authenticate").find("invalid_token") != std::string_view::npos);
  CHECK(bad.body.find("token_signature") != std::string::npos);
  front.now += hours(2);
  CHECK(front.ask(post("/whip/tea", token_for("tea", "x"))).body.find("token_expired") != std::string::npos);
}

TEST_CASE("403 for good tokens that do not permit this") {
  FrontHarness front;
  CHECK(front.ask(post("/whip/coffee", token_for("tea", "x"))).status == 403);
  auto grant = grant_for("tea", "x");
  grant.permissions.can_publish = false;
  CHECK(front.ask(post("/whip/tea", token_for(grant))).status == 403);
  CHECK(front.ask(post("/whep/tea", token_for(grant))).status == 201);
  grant.permissions = {};
  grant.permissions.can_subscribe = false;
  CHECK(front.ask(post("/whep/tea", token_for(grant))).status == 403);
  grant.room_join = false;
  CHECK(front.ask(post("/whip/tea", token_for(grant))).status == 403);
}

TEST_CASE("400 for what is no SDP, 422 for what is and cannot be used") {
  FrontHarness front;
  auto request = post("/whip/tea", token_for("tea", "x"));
  request.body = "{}";
  CHECK(front.ask(request).status == 400);
  request.body = "";
  CHECK(front.ask(request).status == 400);
  front.worker().refusal = Error{"sdp_invalid", "Line 4 is wrong."};
  CHECK(front.ask(post("/whip/tea", token_for("tea", "x"))).status == 400);
  front.worker().refusal = Error{"sdp_no_common_codec", "No codec."};
  const auto refused = front.ask(post("/whep/tea", token_for("tea", "x")));
  CHECK(refused.status == 422);
  CHECK(refused.header("Content-Type") == "application/problem+json");
  front.pass(minutes(1));
  CHECK(front.worker().take<control::RemoveParticipant>().size() == 2);  // nothing of them stays
}

TEST_CASE("404, 405, 406, 411, 413 and 415") {
  FrontHarness front;
  const std::string token = token_for("tea", "x");
  CHECK(front.ask(plain("DELETE", "/whip/tea/nothing")).status == 404);
  CHECK(front.ask(post("/whip/", token)).status == 404);
  CHECK(front.ask(post("/whip/%zz", token)).status == 404);
  CHECK(front.ask(post("/whip/a/b/c", token)).status == 404);
  const auto wrong_method = front.ask(plain("PUT", "/whip/tea"));
  CHECK(wrong_method.status == 405);
  CHECK(wrong_method.header("Allow").find("POST") != std::string_view::npos);
  auto request = post("/whip/tea", token);
  request.headers["accept"] = "text/html";
  CHECK(front.ask(request).status == 406);
  request = post("/whip/tea", token);
  request.body_length_known = false;
  CHECK(front.ask(request).status == 411);
  request = post("/whip/tea", token);
  request.body = std::string(256 * 1024 + 1, 'a');
  CHECK(front.ask(request).status == 413);
  request = post("/whip/tea", token);
  request.headers["content-type"] = "application/json";
  CHECK(front.ask(request).status == 415);
  CHECK(front.worker().take<control::AddParticipant>().empty());
}

TEST_CASE("503 with Retry-After when there is no worker, or it does not answer") {
  FrontHarness none({}, 0);
  const auto refused = none.ask(post("/whip/tea", token_for("tea", "x")));
  CHECK(refused.status == 503);
  CHECK_FALSE(refused.header("Retry-After").empty());
  FrontHarness slow;
  slow.worker().silent = true;
  const auto ticket = slow.send(post("/whip/tea", token_for("tea", "x")));
  slow.pass(milliseconds(9999));
  CHECK(slow.answers.empty());
  slow.pass(milliseconds(1));
  CHECK(slow.answers.at(ticket).status == 503);
  CHECK(slow.worker().take<control::RemoveParticipant>().size() == 1);
}

TEST_CASE("too many sessions of one address are refused with 503") {
  HubSettings settings;
  settings.limits.connections_per_address = 2;
  FrontHarness front(settings);
  publish(front, "a");
  publish(front, "b");
  CHECK(front.ask(post("/whip/tea", token_for("tea", "c"))).status == 503);
}

TEST_CASE("every answer carries CORS headers, and a preflight needs no token") {
  FrontHarness front;
  const auto session = publish(front);
  for (const auto& response : {session.response, front.ask(post("/whip/tea", "")), front.ask(plain("GET", "/whip/tea/none")),
                               front.ask(plain("OPTIONS", "/whip/tea")), front.ask(patch(session.path, session.etag, trickle)),
                               front.ask(plain("PUT", "/whep/tea"))}) {
    CHECK(response.header("Access-Control-Allow-Origin") == "*");
    for (const char* name : {"Location", "ETag", "Link", "Accept-Post"})
      CHECK(response.header("Access-Control-Expose-Headers").find(name) != std::string_view::npos);
  }
  const auto preflight = front.ask(plain("OPTIONS", "/whip/tea"));
  CHECK(preflight.status == 204);
  CHECK(preflight.header("Accept-Post") == "application/sdp");
  CHECK(preflight.header("Access-Control-Allow-Methods").find("POST") != std::string_view::npos);
  CHECK(preflight.header("Access-Control-Allow-Headers").find("Authorization") != std::string_view::npos);
  CHECK(preflight.header("Link").empty());
  const auto of_session = front.ask(plain("OPTIONS", session.path));
  CHECK(of_session.status == 204);
  CHECK(of_session.header("Access-Control-Allow-Methods").find("PATCH") != std::string_view::npos);
  CHECK(of_session.header("Access-Control-Allow-Methods").find("DELETE") != std::string_view::npos);
  CHECK(of_session.header("Access-Control-Allow-Headers").find("If-Match") != std::string_view::npos);
}

TEST_CASE("GET and HEAD say that the resource is there") {
  FrontHarness front;
  CHECK(front.ask(plain("GET", "/whip/tea")).status == 204);
  const auto head = front.ask(plain("HEAD", "/whep/tea"));
  CHECK(head.status == 200);
  CHECK(head.header("Content-Type") == "application/sdp");
  CHECK(front.ask(plain("GET", publish(front).path)).status == 204);
}

TEST_CASE("PATCH trickles candidates: 204, without a body or a new ETag") {
  FrontHarness front;
  for (const bool viewer : {false, true}) {
    const auto session = viewer ? play(front) : publish(front);
    const auto response = front.ask(patch(session.path, session.etag, trickle));
    CHECK(response.status == 204);
    CHECK(response.body.empty());
    CHECK(response.header("ETag").empty());
    const auto added = front.worker().take<control::AddCandidate>();
    REQUIRE(added.size() == 1);
    CHECK(added[0].connection == (viewer ? control::Connection::subscribing : control::Connection::publishing));
    CHECK(added[0].candidate == "candidate:1 1 udp 1 192.0.2.5 5000 typ host");
  }
}

TEST_CASE("PATCH needs an If-Match that names the present ICE session: 428, 412") {
  FrontHarness front;
  const auto session = publish(front);
  CHECK(front.ask(patch(session.path, "", trickle)).status == 428);
  CHECK(front.ask(patch(session.path, "\"stale\"", trickle)).status == 412);
  CHECK(front.ask(patch(session.path, session.etag, "")).status == 400);
  CHECK(front.ask(patch(session.path, session.etag, "nonsense")).status == 400);
  auto request = patch(session.path, session.etag, trickle);
  request.headers["content-type"] = "application/sdp";
  CHECK(front.ask(request).status == 415);
  request = patch(session.path, session.etag, trickle);
  request.body_length_known = false;
  CHECK(front.ask(request).status == 411);
  CHECK(front.worker().take<control::AddCandidate>().empty());
}

TEST_CASE("PATCH with new credentials restarts ICE: 200, a fragment, and a new ETag") {
  FrontHarness front;
  for (const char* star : {"*", "\"*\""}) {
    const auto session = publish(front, star);
    const auto response = front.ask(patch(session.path, star, restart));
    CHECK(response.status == 200);
    CHECK(response.header("Content-Type") == "application/trickle-ice-sdpfrag");
    const std::string etag(response.header("ETag"));
    CHECK(etag != session.etag);
    CHECK_FALSE(etag.empty());
    const auto fragment = parse_ice_fragment(response.body);
    REQUIRE(fragment);
    CHECK(fragment->ufrag == "newufrag");
    CHECK(fragment->password == "newpasswordnewpassword");
    CHECK(fragment->mid == "0");
    CHECK(fragment->candidates.size() == 1);
    CHECK(response.body.find("a=ice-lite\r\n") != std::string::npos);
    const auto restarts = front.worker().take<control::RestartIce>();
    REQUIRE(restarts.size() == 1);
    CHECK(restarts[0].ufrag == "ysXw");
    // What still trickles for the old ICE session is too late; what trickles for the new one is right.
    CHECK(front.ask(patch(session.path, session.etag, trickle)).status == 412);
    CHECK(front.ask(patch(session.path, etag, "a=ice-ufrag:ysXw\r\na=candidate:1 1 udp 1 192.0.2.5 5000 typ host\r\n")).status ==
          204);
    CHECK(front.ask(plain("DELETE", session.path)).status == 200);
  }
}

TEST_CASE("the relay's credentials come with the session, for the host that was asked, and newer ones with each restart") {
  FrontHarness front;
  front.receive(RelayReady{{.secret = "north", .host = "", .udp = 3478, .tcp = 0, .tls = 0}});
  HttpRequest creation = post("/whip/tea", token_for("tea", "camera"));
  creation.headers["host"] = "tea.example.org:8443";
  const auto created = front.ask(creation);
  CHECK(created.header("Link").starts_with(
      R"(<turn:tea.example.org:3478?transport=udp>; rel="ice-server"; username="1790003600:camera")"));
  front.worker_says(
      control::ConnectionChanged{ParticipantId{1}, control::Connection::publishing, control::ConnectionState::connected});
  front.pass(relay_renewal);
  const auto restarted = front.ask(patch(std::string(created.header("Location")), "*", restart));
  CHECK(restarted.header("Link").find("username=\"1790006300:camera\"") != std::string_view::npos);
}

TEST_CASE("a restart without a password is malformed, one that the worker refuses 422") {
  FrontHarness front;
  const auto session = publish(front);
  CHECK(front.ask(patch(session.path, "*", "a=ice-ufrag:ysXw\r\n")).status == 400);
  front.worker().refusal = Error{"no_connection", "There is none."};
  CHECK(front.ask(patch(session.path, "*", restart)).status == 422);
  CHECK(front.ask(patch(session.path, session.etag, trickle)).status == 204);
}

TEST_CASE("DELETE ends the session: 200 once, 404 from then on") {
  FrontHarness front;
  const ClientId ada = join(front, "ada");
  const auto session = publish(front);
  auto request = plain("DELETE", session.path);
  request.headers["if-match"] = "\"whatever\"";
  CHECK(front.ask(request).status == 200);
  CHECK(was_told(front, ada, R"("type":"participantLeft","participant":"p2","reason":"left")"));
  CHECK(front.ask(request).status == 404);
  CHECK(front.ask(patch(session.path, session.etag, trickle)).status == 404);
}

TEST_CASE("a session's id opens nothing under another room's or protocol's name") {
  FrontHarness front;
  const auto session = publish(front);
  const std::string id = session.path.substr(session.path.rfind('/'));
  CHECK(front.ask(plain("DELETE", "/whip/coffee" + id)).status == 404);
  CHECK(front.ask(plain("DELETE", "/whep/tea" + id)).status == 404);
  CHECK(front.ask(plain("DELETE", "/whip/%74ea" + id)).status == 200);
}

TEST_CASE("a session that never connects, fails, or stays away ends by itself") {
  FrontHarness front;
  const auto status = [&](const Session& session) { return front.ask(plain("GET", session.path)).status; };
  const auto says = [&](std::uint64_t participant, control::ConnectionState state) {
    front.worker_says(control::ConnectionChanged{ParticipantId{participant}, control::Connection::publishing, state});
  };
  const auto never_there = publish(front, "1"), stays = publish(front, "2"), fails = publish(front, "3"),
             away = publish(front, "4"), back = publish(front, "5");
  for (std::uint64_t participant = 2; participant <= 5; ++participant) says(participant, control::ConnectionState::connected);
  says(3, control::ConnectionState::failed);
  CHECK(status(fails) == 404);
  front.pass(seconds(20));
  says(4, control::ConnectionState::disconnected);
  says(5, control::ConnectionState::disconnected);
  front.pass(seconds(10));
  CHECK(status(never_there) == 404);
  says(5, control::ConnectionState::connected);
  front.pass(seconds(20));
  CHECK(status(away) == 404);
  front.pass(hours(1));
  CHECK(status(stays) == 204);
  CHECK(status(back) == 204);
}

TEST_CASE("sessions on a worker that dies are gone, and their participants too") {
  FrontHarness front({}, 2);
  const ClientId ada = join(front, "ada");
  const auto session = publish(front);
  front.worker_down(WorkerId{1});
  CHECK(front.ask(plain("GET", session.path)).status == 404);
  CHECK(was_told(front, ada, R"("type":"participantLeft","participant":"p2","reason":"lost")"));
}

TEST_CASE("a POST whose worker dies before it answers gets 503") {
  FrontHarness front({}, 2);
  front.worker().silent = true;
  const auto ticket = front.send(post("/whip/tea", token_for("tea", "x")));
  front.worker_down(WorkerId{1});
  CHECK(front.answers.at(ticket).status == 503);
}

TEST_CASE("whoever hangs up before the answer leaves nothing behind") {
  FrontHarness front;
  front.worker().silent = true;
  const auto ticket = front.send(post("/whip/tea", token_for("tea", "x")));
  front.receive(HttpAbandoned{ticket});
  CHECK(front.worker().take<control::RemoveParticipant>().size() == 1);
}

TEST_CASE("an administrator removes a WHIP publisher, and a stopping server ends it") {
  FrontHarness front;
  auto grant = grant_for("tea", "ada");
  grant.permissions.room_admin = true;
  const ClientId ada = front.open();
  front.say(ada, R"({"type":"join","token":")" + token_for(grant) + "\"}");
  const auto session = publish(front);
  front.say(ada, R"({"type":"remove","id":1,"participant":"p2"})");
  CHECK(front.ask(plain("GET", session.path)).status == 404);
  const auto another = publish(front);
  front.receive(ServerStopping{});
  CHECK(front.ask(plain("GET", another.path)).status == 404);
}
