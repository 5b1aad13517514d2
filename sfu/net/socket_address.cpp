#include "sfu/net/socket_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace parley::net {

in6_addr to_in6(const Address& address) {
  in6_addr result{};
  const Bytes octets = address.octets();
  if (address.is_v4()) result.s6_addr[10] = result.s6_addr[11] = 0xFF;
  std::copy(octets.begin(), octets.end(), result.s6_addr + 16 - octets.size());
  return result;
}

Address from_in6(const in6_addr& address, std::uint16_t port) {
  std::array<std::uint8_t, 16> octets{};
  std::copy(std::begin(address.s6_addr), std::end(address.s6_addr), octets.begin());
  return Address::v6(octets, port);
}

in_addr to_in(const Address& address) {
  in_addr result{};
  if (address.is_v4()) std::memcpy(&result, address.octets().data(), sizeof result);
  return result;
}

Address from_in(const in_addr& address, std::uint16_t port) {
  std::array<std::uint8_t, 4> octets{};
  std::memcpy(octets.data(), &address, sizeof address);
  return Address::v4(octets, port);
}

SocketAddress to_socket_address(const Address& address, int family) {
  SocketAddress result;
  if (family == AF_INET6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port());
    v6.sin6_addr = to_in6(address);
    std::memcpy(&result.storage, &v6, sizeof v6);
    result.size = sizeof v6;
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port());
    v4.sin_addr = to_in(address);
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.size = sizeof v4;
  }
  return result;
}

Address from_sockaddr(const sockaddr* address) {
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    return from_in6(v6.sin6_addr, ntohs(v6.sin6_port));
  }
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return from_in(v4.sin_addr, ntohs(v4.sin_port));
  }
  return {};
}

}  // namespace parley::net
