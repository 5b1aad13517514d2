#include "signaling/relay.hpp"

#include "sfu/base/crypto.hpp"
#include "signaling/http.hpp"

namespace parley::signaling {

std::vector<IceServer> ice_servers_of(Time now, const Relay& relay, std::string_view client_host, std::string_view identity) {
  const std::string username = std::to_string(unix_seconds(now + relay_validity)) + ":" + percent_encode(identity);
  const std::string credential = base64_encode(hmac_sha1(as_bytes(relay.secret), as_bytes(username)));
  const std::string_view host = relay.host.empty() ? client_host : relay.host;
  const std::string_view named = client_host.empty() ? std::string_view(relay.host) : client_host;
  std::vector<IceServer> servers;
  const auto add = [&](std::string_view scheme, std::string_view at, std::uint16_t port, std::string_view transport) {
    if (at.empty() || port == 0) return;
    const std::string url = std::string(scheme) + ":" + std::string(at) + ":" + std::to_string(port) + "?transport=";
    servers.push_back({url + std::string(transport), username, credential});
  };
  add("turn", host, relay.udp, "udp");
  add("turn", host, relay.tcp, "tcp");
  add("turns", named, relay.tls, "tcp");
  return servers;
}

}  // namespace parley::signaling
