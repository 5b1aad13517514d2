#pragma once
// What routers and hosts say about datagrams that a UDP socket has sent (RFC 792, RFC 4443), as the kernel keeps it (IP_RECVERR).

#include <cstdint>
#include <optional>

#include "sfu/base/address.hpp"

namespace parley::net {

struct IcmpError {
  Address remote;  ///< whom the datagram was for
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t mtu = 0;  ///< of "fragmentation needed" and "packet too big", else 0
};

/// The kernel is to keep what it hears. `family` is the socket's.
void keep_icmp_errors(int descriptor, int family);

/// The oldest one that was not taken yet, also about datagrams that this machine itself found too large; without waiting.
std::optional<IcmpError> take_icmp_error(int descriptor);

}  // namespace parley::net
