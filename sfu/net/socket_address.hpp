#pragma once
// Between parley::Address and the kernel's sockaddr. For the inside of net/ only: it needs system headers.

#include <netinet/in.h>
#include <sys/socket.h>

#include "sfu/base/address.hpp"

namespace parley::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* pointer() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// `family` is the socket's: an AF_INET6 socket writes an IPv4 address as ::ffff:a.b.c.d.
SocketAddress to_socket_address(const Address& address, int family);
/// Any other family than IPv4 and IPv6 becomes 0.0.0.0:0.
Address from_sockaddr(const sockaddr* address);

in6_addr to_in6(const Address& address);
Address from_in6(const in6_addr& address, std::uint16_t port);
in_addr to_in(const Address& address);
Address from_in(const in_addr& address, std::uint16_t port);

}  // namespace parley::net
