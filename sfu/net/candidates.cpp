#include "sfu/net/candidates.hpp"

#include <algorithm>

namespace parley::net {
namespace {

constexpr std::uint32_t component = 1;  // rtcp-mux: there is no component 2
/// RFC 8445 section 5.1.2.2 recommends 126 for host candidates; TCP has to be below that (RFC 6544 section 4.2).
constexpr std::uint32_t udp_preference = 126;
constexpr std::uint32_t tcp_preference = 99;
/// RFC 6544 section 4.2: direction preference 4 for a passive host candidate, in the three upper bits.
constexpr std::uint32_t passive_direction = 4u << 13;

std::uint32_t priority(std::uint32_t type_preference, std::uint32_t local_preference) {
  return (type_preference << 24) + (local_preference << 8) + (256 - component);
}

std::string line(std::size_t foundation, const char* protocol, std::uint32_t priority, const Address& address) {
  return "candidate:" + std::to_string(foundation) + " 1 " + protocol + " " + std::to_string(priority) + " " + address.host() +
         " " + std::to_string(address.port()) + " typ host";
}

}  // namespace

std::optional<Transports> parse_transports(std::string_view text) {
  if (text == "udp") return Transports{true, false};
  if (text == "tcp") return Transports{false, true};
  if (text == "udp,tcp" || text == "tcp,udp") return Transports{true, true};
  return std::nullopt;
}

std::optional<Address> parse_advertised(std::string_view text) {
  if (const auto bare = Address::parse(text, 0)) return bare;
  const auto address = Address::parse_with_port(text);
  return address && address->port() != 0 ? address : std::nullopt;
}

std::vector<std::string> candidate_lines(const std::vector<Address>& addresses, std::uint16_t port, Transports transports) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Address address = addresses[i].port() == 0 ? addresses[i].with_port(port) : addresses[i];
    const auto rank = static_cast<std::uint32_t>(std::min<std::size_t>(i, 8191));
    if (transports.udp) lines.push_back(line(2 * i + 1, "udp", priority(udp_preference, 65535 - rank), address));
    if (transports.tcp)
      lines.push_back(line(2 * i + 2, "tcp", priority(tcp_preference, passive_direction + 8191 - rank), address) +
                      " tcptype passive");
  }
  return lines;
}

}  // namespace parley::net
