// Invites, health and metrics.

#include "signaling/api.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "front_harness.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {
HttpRequest get(const std::string& path) {
  return {.method = "GET", .path = path, .query = {}, .headers = {}, .body = {}, .peer = {}};
}
HttpRequest offer_invite(const std::string& invite, const std::string& body) {
  return {.method = "POST",
          .path = "/api/token",
          .query = {},
          .headers = {{"authorization", "Bearer " + invite}},
          .body = body,
          .peer = {}};
}
const std::string invite = make_invite(start, hours(1), "key", secret);
}  // namespace

TEST_CASE("an invite becomes a token for the room and name that one asks for") {
  FrontHarness front;
  const auto response = front.ask(offer_invite(invite, R"({"room":"tea","name":"Ada L."})"));
  REQUIRE(response.status == 200);
  CHECK(response.header("Content-Type") == "application/json");
  const auto body = nlohmann::json::parse(response.body);
  const auto grant = verify_join(start + hours(5), body["token"].get<std::string>(), "tea", keys);
  REQUIRE(grant);
  CHECK(grant->identity == body["identity"]);
  CHECK(grant->identity.starts_with("ada-l-"));
  CHECK(grant->name == "Ada L.");
  CHECK_FALSE(grant->invite);
  const auto another = nlohmann::json::parse(front.ask(offer_invite(invite, R"({"room":"tea","name":"Ada L."})")).body);
  CHECK(another["identity"] != body["identity"]);
}

TEST_CASE("who exchanges an invite for a room that is not there yet becomes its host, and opens no metrics") {
  FrontHarness front;
  const auto token_of = [&](const std::string& name) {
    const auto response = front.ask(offer_invite(invite, R"({"room":"tea","name":")" + name + R"("})"));
    return nlohmann::json::parse(response.body)["token"].get<std::string>();
  };
  const std::string first = token_of("Ada");
  CHECK(verify_join(start, first, "tea", keys)->permissions.room_admin);
  CHECK_FALSE(verify(start, first, keys)->permissions.room_admin);
  const ClientId ada = front.open();
  front.say(ada, R"({"type":"join","token":")" + first + "\"}");
  CHECK(front.inbox[ada].back().find(R"("roomAdmin":true)") != std::string::npos);
  CHECK_FALSE(verify_join(start, token_of("Bob"), "tea", keys)->permissions.room_admin);
}

TEST_CASE("only an invite that holds is exchanged, and only for sensible names") {
  FrontHarness front;
  const std::string good = R"({"room":"tea","name":"Ada"})";
  CHECK(front.ask(offer_invite("", good)).status == 401);
  CHECK(front.ask(offer_invite(invite + "x", good)).status == 401);
  CHECK(front.ask(offer_invite(token_for("tea", "ada"), good)).status == 403);
  for (const char* body : {"", "[]", "{}", R"({"room":"tea"})", R"({"room":"","name":"x"})", R"({"room":5,"name":"x"})",
                           R"({"room":"a\nb","name":"x"})", "{\"room\":\"\xff\",\"name\":\"x\"}"})
    CHECK(front.ask(offer_invite(invite, body)).status == 400);
  CHECK(front.ask(offer_invite(invite, std::string(5000, ' '))).status == 413);
  CHECK(front.ask(get("/api/token")).status == 405);
  CHECK(front.ask(get("/api/nothing")).status == 404);
  front.now += hours(2);
  CHECK(front.ask(offer_invite(invite, good)).body.find("token_expired") != std::string::npos);
}

TEST_CASE("the server is healthy once a worker is ready") {
  FrontHarness front({}, 0);
  auto response = front.ask(get("/healthz"));
  CHECK(response.status == 503);
  CHECK(nlohmann::json::parse(response.body)["status"] == "starting");
  front.worker_up(WorkerId{1});
  front.worker_up(WorkerId{2});
  response = front.ask(get("/healthz"));
  CHECK(response.status == 200);
  CHECK(nlohmann::json::parse(response.body) == nlohmann::json{{"status", "ready"}, {"workers", 2}});
}

TEST_CASE("metrics are for this machine, and for administrators") {
  FrontHarness front;
  CHECK(front.ask(get("/metrics")).status == 401);
  auto request = get("/metrics");
  request.peer = *Address::parse("127.0.0.1", 1);
  CHECK(front.ask(request).status == 200);
  request = get("/metrics");
  request.headers["authorization"] = "Bearer " + token_for("tea", "ada");
  CHECK(front.ask(request).status == 403);
  auto grant = grant_for("tea", "ada");
  grant.permissions.room_admin = true;
  request.headers["authorization"] = "Bearer " + token_for(grant);
  CHECK(front.ask(request).status == 200);
}

TEST_CASE("what came through a proxy on this machine is not from this machine: metrics want a token") {
  FrontHarness front;
  for (const char* header : {"forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"}) {
    CAPTURE(header);
    auto request = get("/metrics");
    request.peer = *Address::parse("127.0.0.1", 1);
    request.headers[header] = "for=192.0.2.7";
    CHECK(front.ask(request).status == 401);
    auto grant = grant_for("tea", "ada");
    request.headers["authorization"] = "Bearer " + token_for(grant);
    CHECK(front.ask(request).status == 403);
    grant.permissions.room_admin = true;
    request.headers["authorization"] = "Bearer " + token_for(grant);
    CHECK(front.ask(request).status == 200);
  }
}

TEST_CASE("metrics with a port of their own are for whoever gets there, and elsewhere for administrators only") {
  FrontHarness front({}, 1, true);
  auto request = get("/metrics");
  request.peer = *Address::parse("127.0.0.1", 1);
  CHECK(front.ask(request).status == 401);
  auto grant = grant_for("tea", "ada");
  grant.permissions.room_admin = true;
  request.headers["authorization"] = "Bearer " + token_for(grant);
  CHECK(front.ask(request).status == 200);
  request = get("/metrics");
  request.to_metrics_port = true;
  request.headers["x-forwarded-for"] = "192.0.2.7";
  CHECK(front.ask(request).status == 200);
}

TEST_CASE("metrics tell the Hub's counters and each worker's") {
  HubSummary summary;
  summary.rooms = 3;
  summary.counters.add(HubCounter::room_full, 2);
  summary.workers.push_back({WorkerId{1}, 5, {{{"rtp_received", 10}, {"bad name{", 1}}, 5, 700}});
  summary.workers.push_back({WorkerId{2}, 0, {{{"rtp_received", 20}}, 0, 0}});
  const std::string text = write_metrics(summary);
  CHECK(text.find("parley_rooms 3\n") != std::string::npos);
  CHECK(text.find("parley_signaling_total{event=\"room_full\"} 2\n") != std::string::npos);
  CHECK(text.find("parley_worker_participants{worker=\"1\"} 5\n") != std::string::npos);
  CHECK(text.find("# TYPE parley_worker_rtp_received_total counter\nparley_worker_rtp_received_total{worker=\"1\"} 10\n"
                  "parley_worker_rtp_received_total{worker=\"2\"} 20\n") != std::string::npos);
  CHECK(text.find("bad name") == std::string::npos);
}

TEST_CASE("a WebSocket's texts are answered in the same dialect") {
  FrontHarness front;
  const ClientId client = front.open();
  front.say(client, "nonsense");
  CHECK(front.inbox[client].back().find(R"("code":"message_invalid")") != std::string::npos);
  front.say(client, std::string(256 * 1024 + 1, ' '));
  CHECK(front.inbox[client].back().find(R"("code":"message_too_large")") != std::string::npos);
  front.say(client, R"({"type":"join","id":1,"token":")" + token_for("tea", "ada") + "\"}");
  CHECK(front.inbox[client].back().starts_with(R"({"type":"joined","id":1,"session":"s-)"));
  front.say(client, R"({"type":"leave"})");
  CHECK(front.inbox[client].back().starts_with(R"({"type":"closed","code":"left")"));
  CHECK(front.closed == std::set{client});
}
