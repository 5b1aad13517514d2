// What clients are told of the bundled relay, and when.

#include <catch2/catch.hpp>

#include "hub_harness.hpp"
#include "sfu/base/crypto.hpp"
#include "signaling/relay.hpp"

using namespace parley;
using namespace parley::signaling;
using namespace parley::signaling::testing;

namespace {

const Relay relay{.secret = "north", .host = "", .udp = 3478, .tcp = 3478, .tls = 5349};

std::vector<std::string> urls(const std::vector<IceServer>& servers) {
  std::vector<std::string> result;
  for (const IceServer& server : servers) result.push_back(server.url);
  return result;
}

/// Joined from a page at this host.
HubHarness::Person join_at(HubHarness& hub, const std::string& host, const std::string& identity) {
  HubHarness::Person person;
  person.client = ClientId{1000 + hub.summary().clients};
  hub.receive(ClientOpened{person.client, somewhere, host});
  hub.request(person.client,
              request::Join{.token = token_for("tea", identity), .room = {}, .name = {}, .attributes = {}, .only = {}});
  person.joined = hub.take<message::Joined>(person.client).at(0);
  person.session = person.joined.session;
  return person;
}

}  // namespace

TEST_CASE("the relay's credentials are those that every TURN server with a shared secret knows") {
  const auto servers = ice_servers_of(start, relay, "tea.example.org", "ada");
  CHECK(urls(servers) == std::vector<std::string>{"turn:tea.example.org:3478?transport=udp",
                                                  "turn:tea.example.org:3478?transport=tcp",
                                                  "turns:tea.example.org:5349?transport=tcp"});
  // printf 1790003600:ada | openssl dgst -sha1 -hmac north -binary | base64
  CHECK(servers[0].username == "1790003600:ada");
  CHECK(servers[0].credential == "FTaEGs9rvpPKf1TYn5b1gjWz5Sk=");
}

TEST_CASE("an identity with characters that mean something elsewhere becomes one plain word") {
  CHECK(ice_servers_of(start, relay, "x", "Ada \"L\":\xC3\xA9")[0].username == "1790003600:Ada%20%22L%22%3A%C3%A9");
}

TEST_CASE("the relay's own host wins, but for TLS, where the certificate has the name that the client used") {
  Relay elsewhere = relay;
  elsewhere.host = "203.0.113.7";
  CHECK(urls(ice_servers_of(start, elsewhere, "tea.example.org", "ada")) ==
        std::vector<std::string>{"turn:203.0.113.7:3478?transport=udp", "turn:203.0.113.7:3478?transport=tcp",
                                 "turns:tea.example.org:5349?transport=tcp"});
  CHECK(ice_servers_of(start, relay, "", "ada").empty());
}

TEST_CASE("a way in that is not open is not told of") {
  CHECK(urls(ice_servers_of(start, {.secret = "s", .host = "h", .udp = 0, .tcp = 3479, .tls = 0}, "", "ada")) ==
        std::vector<std::string>{"turn:h:3479?transport=tcp"});
}

TEST_CASE("whoever was there before the relay is told when it comes, whoever joins after it is told at once") {
  HubHarness hub;
  const auto early = join_at(hub, "tea.example.org", "ada");
  CHECK(early.joined.ice_servers.empty());
  hub.receive(RelayReady{relay});
  const auto told = hub.take<message::IceServers>(early.client);
  REQUIRE(told.size() == 1);
  CHECK(told[0].servers.size() == 3);
  CHECK(join_at(hub, "10.0.0.1", "bob").joined.ice_servers.at(0).url == "turn:10.0.0.1:3478?transport=udp");
}

TEST_CASE("in a long call credentials are renewed before they expire, again and again, until the end") {
  HubHarness hub;
  hub.receive(RelayReady{relay});
  const auto ada = join_at(hub, "tea.example.org", "ada");
  hub.pass(relay_renewal - seconds(1));
  CHECK(hub.take<message::IceServers>(ada.client).empty());
  hub.pass(hours(3));
  const auto renewed = hub.take<message::IceServers>(ada.client);
  REQUIRE(renewed.size() == 4);
  CHECK(renewed[0].servers[0].username == std::to_string(unix_seconds(start + relay_renewal + relay_validity)) + ":ada");
  hub.request(ada.client, request::Leave{});
  hub.pass(hours(2));
  CHECK(hub.take<message::IceServers>(ada.client).empty());
}

TEST_CASE("whoever comes back gets new credentials, for the host under which they came back") {
  HubHarness hub;
  hub.receive(RelayReady{relay});
  const auto ada = join_at(hub, "tea.example.org", "ada");
  hub.disconnect(ada.client);
  hub.pass(seconds(5));
  const ClientId again{2000};
  hub.receive(ClientOpened{again, somewhere, "coffee.example.org"});
  hub.request(again, request::Resume{ada.session});
  const auto resumed = hub.take<message::Resumed>(again);
  REQUIRE(resumed.size() == 1);
  CHECK(resumed[0].ice_servers.at(0).url == "turn:coffee.example.org:3478?transport=udp");
  CHECK(resumed[0].ice_servers.at(0).username == "1790003605:ada");
}
