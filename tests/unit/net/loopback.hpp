#pragma once
// A plain client on the loopback for tests of net/: blocking, with a time limit on each read.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "sfu/base/address.hpp"
#include "sfu/net/file_descriptor.hpp"
#include "sfu/net/socket_address.hpp"

namespace parley::net {

class LoopbackClient {
 public:
  LoopbackClient(int type, const Address& server) : server_(server), family_(server.is_v4() ? AF_INET : AF_INET6) {
    descriptor_.reset(::socket(family_, type | SOCK_CLOEXEC, 0));
    const timeval limit{5, 0};
    ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const SocketAddress name = to_socket_address(server, family_);
    REQUIRE(::connect(descriptor_.get(), name.pointer(), name.size) == 0);
  }
  void send(std::string_view bytes) {
    REQUIRE(::send(descriptor_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  /// What one read brings; "" at the end of the stream, or after 5 s.
  std::string receive() {
    std::string bytes(65536, '\0');
    const ssize_t size = ::recv(descriptor_.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }
  Address local() const {
    SocketAddress name;
    ::getsockname(descriptor_.get(), name.pointer(), &name.size);
    return from_sockaddr(name.pointer());
  }
  int descriptor() const { return descriptor_.get(); }

 private:
  Address server_;
  int family_;
  FileDescriptor descriptor_;
};

inline bool has_ipv6_loopback() {
  FileDescriptor probe(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress name = to_socket_address(*Address::parse("::1", 0), AF_INET6);
  return probe && ::bind(probe.get(), name.pointer(), name.size) == 0;
}

}  // namespace parley::net
