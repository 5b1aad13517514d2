#pragma once
// The bundled relay (turn/), as clients are told of it. Its credentials are time-limited, as draft-uberti-behave-turn-rest-00 has
// them: nobody has to be registered with it, and what somebody keeps is soon worth nothing.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/time.hpp"
#include "signaling/ice_server.hpp"

namespace parley::signaling {

struct Relay {
  std::string secret;  ///< shared with the relay
  /// Name or address in its URLs, an IPv6 address in brackets; empty: the host under which the client has reached this server.
  /// Over TLS the client's comes first, because its name is the one in the certificate.
  std::string host;
  std::uint16_t udp = 0;  ///< its ports; 0: not open
  std::uint16_t tcp = 0;
  std::uint16_t tls = 0;
};

/// How long credentials open an allocation, which then lives on. Renewed long before, for whoever needs a new one in a long call.
inline constexpr Duration relay_validity = hours(1);
inline constexpr Duration relay_renewal = minutes(45);

/// One for each way in, the cheapest first. `client_host`: see ClientOpened. Empty when there is no host to name.
std::vector<IceServer> ice_servers_of(Time now, const Relay& relay, std::string_view client_host, std::string_view identity);

}  // namespace parley::signaling
