#pragma once
// The candidate lines that a worker advertises: where a browser may reach it. Host candidates only (ICE-lite, RFC 8445
// section 2.5), with the priorities of RFC 8445 section 5.1.2 and RFC 6544 section 4.2.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/address.hpp"

namespace parley::net {

struct Transports {
  bool udp = true;
  bool tcp = true;
};

/// "udp", "tcp" or "udp,tcp". Nothing when it is none of them.
std::optional<Transports> parse_transports(std::string_view text);

/// What --advertise takes: "192.0.2.1", "2001:db8::1", "192.0.2.1:5000" or "[2001:db8::1]:5000". Without a port it is 0.
std::optional<Address> parse_advertised(std::string_view text);

/// "candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host", ...: for each address one over UDP, then one over passive TCP.
/// An address with port 0 takes `port`; one with a port of its own stands for a mapping on a NAT.
std::vector<std::string> candidate_lines(const std::vector<Address>& addresses, std::uint16_t port, Transports transports);

}  // namespace parley::net
