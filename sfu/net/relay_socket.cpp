#include "sfu/net/relay_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "sfu/net/icmp_error.hpp"
#include "sfu/net/socket_address.hpp"
#include "sfu/net/system_error.hpp"
#include "sfu/net/udp_collector.hpp"

namespace parley::net {
namespace {

/// Where all clients arrive: 20 ms of a gigabit, as in udp_socket.cpp.
constexpr int shared_buffer_size = 4 << 20;
/// One participant's media: 100 ms of 40 Mbit/s.
constexpr int relay_buffer_size = 512 << 10;

void set(int descriptor, int level, int option, int value) { ::setsockopt(descriptor, level, option, &value, sizeof value); }

void set_buffer(int descriptor, int option, int forced, int size) {
  set(descriptor, SOL_SOCKET, option, size);
  set(descriptor, SOL_SOCKET, forced, size);
}

FileDescriptor open_socket(int family, int type) {
  return FileDescriptor(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool bind_to(int descriptor, int family, const Address& address) {
  const SocketAddress name = to_socket_address(address, family);
  return ::bind(descriptor, name.pointer(), name.size) == 0;
}

std::uint16_t port_of(int descriptor) {
  SocketAddress name;
  ::getsockname(descriptor, name.pointer(), &name.size);
  return from_sockaddr(name.pointer()).port();
}

int family_of(const Address& address) { return address.is_v4() ? AF_INET : AF_INET6; }
/// "0.0.0.0" means every address, IPv6 too, where there is IPv6.
Address every_address(const Address& address) { return address.is_unspecified() ? Address::v6({}, address.port()) : address; }

/// Unbound, dual-stack for an unspecified address.
FileDescriptor open_for(const Address& address, int type, int& family) {
  family = address.is_unspecified() ? AF_INET6 : family_of(address);
  FileDescriptor descriptor = open_socket(family, type);
  if (!descriptor && address.is_unspecified()) descriptor = open_socket(family = AF_INET, type);  // a kernel without IPv6
  if (family == AF_INET6) set(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, address.is_unspecified() ? 0 : 1);
  return descriptor;
}

SystemError cannot_open(Protocol protocol, const Address& address, const std::string& option) {
  return port_error(protocol == Protocol::udp ? "UDP" : "TCP",
                    address.is_unspecified() ? std::to_string(address.port()) : address.text(), option);
}

}  // namespace

void check_free(Protocol protocol, const Address& address, const std::string& option) {
  if (address.port() == 0) return;
  int family = 0;
  const FileDescriptor probe = open_for(address, protocol == Protocol::udp ? SOCK_DGRAM : SOCK_STREAM, family);
  if (protocol == Protocol::tcp) set(probe.get(), SOL_SOCKET, SO_REUSEADDR, 1);  // connections that have ended do not count
  if (!bind_to(probe.get(), family, every_address(address))) throw cannot_open(protocol, address, option);
}

SharedUdpSocket::SharedUdpSocket(const Address& address, const std::string& option) {
  descriptor_ = open_for(address, SOCK_DGRAM, family_);
  const int descriptor = descriptor_.get();
  if (family_ == AF_INET6)
    set(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  else
    set(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
  set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
  set(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);  // clients may be sent what their peers have cut, too
  set_buffer(descriptor, SO_RCVBUF, SO_RCVBUFFORCE, shared_buffer_size);
  set_buffer(descriptor, SO_SNDBUF, SO_SNDBUFFORCE, shared_buffer_size);
  if (!bind_to(descriptor, family_, every_address(address))) throw cannot_open(Protocol::udp, address, option);
  port_ = port_of(descriptor);
  gather_runs(descriptor);
}

RelaySocket::RelaySocket(const Address& address)
    : descriptor_(open_socket(family_of(address), SOCK_DGRAM)), family_(family_of(address)), port_(address.port()) {
  if (!descriptor_) return;
  const int descriptor = descriptor_.get();
  if (family_ == AF_INET6) set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (!bind_to(descriptor, family_, address)) {
    descriptor_.reset();
    return;
  }
  if (family_ == AF_INET)
    set(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
  else
    set(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
  set_buffer(descriptor, SO_RCVBUF, SO_RCVBUFFORCE, relay_buffer_size);
  keep_icmp_errors(descriptor, family_);
  gather_runs(descriptor);
}

void RelaySocket::forbid_fragments(bool forbidden) {
  fragments_forbidden_ = forbidden;
  if (family_ == AF_INET)
    set(descriptor(), IPPROTO_IP, IP_MTU_DISCOVER, forbidden ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
  else
    set(descriptor(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, forbidden ? IPV6_PMTUDISC_DO : IPV6_PMTUDISC_DONT);
}

std::optional<TcpListener> listen_and_connect(const Address& address) try {
  return TcpListener(address, "", TcpListener::Sharing::port);
} catch (const SystemError&) {
  return std::nullopt;
}

FileDescriptor begin_connection(const Address& local, const Address& remote) {
  const int family = family_of(remote);
  FileDescriptor descriptor = open_socket(family, SOCK_STREAM);
  if (!descriptor) return descriptor;
  set(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  set(descriptor.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  set(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  const SocketAddress to = to_socket_address(remote, family);
  const bool begun = bind_to(descriptor.get(), family, local) &&
                     (::connect(descriptor.get(), to.pointer(), to.size) == 0 || errno == EINPROGRESS);
  if (!begun) descriptor.reset();
  return descriptor;
}

bool has_connected(int descriptor) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return false;
  SocketAddress peer;
  return ::getpeername(descriptor, peer.pointer(), &peer.size) == 0;
}

}  // namespace parley::net
