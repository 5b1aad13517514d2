#include "sfu/net/tcp_listener.hpp"

#include <netinet/tcp.h>

#include "sfu/net/socket_address.hpp"
#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

/// Connections that may wait for accept(): a burst of everybody coming back after a worker was restarted.
constexpr int backlog = 512;

FileDescriptor stream_socket(int family) {
  return FileDescriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void set(int descriptor, int level, int option, int value) { ::setsockopt(descriptor, level, option, &value, sizeof value); }

}  // namespace

TcpListener::TcpListener(const Address& address, const std::string& option, Sharing sharing) {
  int family = address.is_v4() && !address.is_unspecified() ? AF_INET : AF_INET6;
  descriptor_ = stream_socket(family);
  if (!descriptor_) descriptor_ = stream_socket(family = AF_INET);  // a kernel without IPv6
  if (family == AF_INET6) set(descriptor_.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  set(descriptor_.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (sharing == Sharing::port) set(descriptor_.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  const Address bound = address.is_unspecified() ? Address::v6({}, address.port()) : address;
  SocketAddress name = to_socket_address(bound, family);
  if (::bind(descriptor_.get(), name.pointer(), name.size) != 0 || ::listen(descriptor_.get(), backlog) != 0)
    throw port_error("TCP", address.is_unspecified() ? std::to_string(address.port()) : address.text(), option);
  name.size = sizeof name.storage;
  ::getsockname(descriptor_.get(), name.pointer(), &name.size);
  port_ = from_sockaddr(name.pointer()).port();
}

std::optional<AcceptedConnection> TcpListener::accept() {
  SocketAddress remote;
  FileDescriptor descriptor(::accept4(descriptor_.get(), remote.pointer(), &remote.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!descriptor) return std::nullopt;
  SocketAddress local;
  ::getsockname(descriptor.get(), local.pointer(), &local.size);
  set(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  return AcceptedConnection{std::move(descriptor), from_sockaddr(local.pointer()), from_sockaddr(remote.pointer())};
}

}  // namespace parley::net
