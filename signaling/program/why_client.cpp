#include "signaling/program/why_client.hpp"

#include <nlohmann/json.hpp>

#include "sfu/net/clock.hpp"
#include "sfu/net/system_error.hpp"
#include "sfu/net/web_connector.hpp"
#include "signaling/http.hpp"
#include "signaling/why.hpp"

namespace parley::signaling {
namespace {

/// A server answers from its memory, in milliseconds; a TLS handshake over a slow link takes a second.
constexpr Duration patience = seconds(10);
constexpr Duration token_validity = minutes(1);

std::string token_of(Time now, const WhyRequest& why, const Credentials& credentials) {
  Grant grant{.identity = "parley-why", .name = {}, .room = why.room, .permissions = {}};
  grant.permissions.room_admin = true;
  return make_token(now, grant, token_validity, credentials.key, credentials.secret);
}

net::HttpReply exchange(const net::HttpCall& call, const Address& remote, bool insecure) {
  const net::Clock clock;
  net::Poller poller;
  net::WebConnector web(poller, insecure, Random::from_system());
  web.call(call, remote, Address());
  for (const Time end = clock.now() + patience; clock.now() < end;) {
    std::vector<net::WebLinkEvent> events;
    for (const auto& ready : poller.wait(end - clock.now())) web.handle(ready, events);
    web.advance(events);
    for (const auto& event : events) {
      if (const auto* reply = std::get_if<net::WebLinkReply>(&event)) return reply->reply;
      if (const auto* closed = std::get_if<net::WebLinkClosed>(&event))
        throw net::SystemError::sentence(call.url.authority() + " does not answer: " + closed->reason);
    }
  }
  throw net::SystemError::sentence(call.url.authority() + " does not answer.");
}

/// What an error's body says, which is meant for a person.
std::string refusal(const net::HttpReply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, false);
  const bool told = body.is_object() && body.contains("message") && body["message"].is_string();
  return told ? body["message"].get<std::string>() : "The server answers with status " + std::to_string(reply.status) + ".";
}

}  // namespace

std::string ask_why(const WhyRequest& why, const Credentials& credentials) {
  auto url = net::parse_web_url(why.url);
  if (!url) throw net::SystemError::sentence("--url takes an address such as http://127.0.0.1:8080 or https://example.org.");
  const auto remote = net::look_up(url->host, url->port);
  if (!remote) throw net::SystemError::sentence("There is no address of " + url->host + ".");
  url->path = "/api/why?room=" + percent_encode(why.room) + "&participant=" + percent_encode(why.participant);
  const std::string token = token_of(net::Clock().now(), why, credentials);
  const net::HttpCall call{.method = "GET", .url = *url, .headers = {{"Authorization", "Bearer " + token}}, .body = {}};
  const net::HttpReply reply = exchange(call, *remote, why.insecure);
  if (reply.status != 200) throw net::SystemError::sentence(refusal(reply));
  if (why.json) return reply.body;
  const auto table = why_table(reply.body);
  if (!table) throw net::SystemError::sentence(url->authority() + " is no Parley server of this version.");
  return *table;
}

}  // namespace parley::signaling
