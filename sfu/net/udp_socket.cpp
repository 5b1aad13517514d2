#include "sfu/net/udp_socket.hpp"

#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

/// Holds 20 ms of a gigabit: a worker that is late by one scheduling slice loses nothing.
constexpr int socket_buffer_size = 4 << 20;

void set(int descriptor, int level, int option, int value) { ::setsockopt(descriptor, level, option, &value, sizeof value); }

/// As much as the kernel lets us have: beyond net.core.rmem_max only with CAP_NET_ADMIN.
void enlarge_buffers(int descriptor) {
  set(descriptor, SOL_SOCKET, SO_RCVBUF, socket_buffer_size);
  set(descriptor, SOL_SOCKET, SO_SNDBUF, socket_buffer_size);
  set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, socket_buffer_size);
  set(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, socket_buffer_size);
}

}  // namespace

UdpSocket::UdpSocket(std::uint16_t port, const std::string& option) {
  int family = AF_INET6;
  descriptor_.reset(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor_) {  // a kernel without IPv6
    family = AF_INET;
    descriptor_.reset(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  }
  if (family == AF_INET6) {
    set(descriptor_.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set(descriptor_.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  } else {
    set(descriptor_.get(), IPPROTO_IP, IP_PKTINFO, 1);
  }
  // Not to be cut on the way (RFC 8085 section 3.2): whoever sends media keeps datagrams to some 1200 bytes, and a kernel that
  // may cut them has to number each, with a counter that all sockets share. PROBE: nobody's ICMP message makes us send less.
  set(descriptor_.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  enlarge_buffers(descriptor_.get());
  SocketAddress any = to_socket_address(Address::v6({}, port), family);
  if (::bind(descriptor_.get(), any.pointer(), any.size) != 0) throw port_error("UDP", std::to_string(port), option);
  any.size = sizeof any.storage;
  ::getsockname(descriptor_.get(), any.pointer(), &any.size);
  port_ = from_sockaddr(any.pointer()).port();
  receiver_.emplace(descriptor_.get(), port_);
  sender_.emplace(descriptor_.get(), family);
}

}  // namespace parley::net
