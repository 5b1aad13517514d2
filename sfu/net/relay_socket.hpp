#pragma once
// The sockets of a relay: those at which clients arrive, which several threads share, and those of one allocation each.

#include <optional>
#include <string>

#include "sfu/base/address.hpp"
#include "sfu/net/file_descriptor.hpp"
#include "sfu/net/tcp_listener.hpp"

namespace parley::net {

/// Throws SystemError, whose sentence names `option`, when `address` (with port) is taken. Sockets that share a port do not
/// notice by themselves that another program shares it, too.
void check_free(Protocol protocol, const Address& address, const std::string& option);

/// A UDP socket that shares its port with those of the other threads (SO_REUSEPORT): the kernel gives each client to one of them.
/// It knows to which local address each datagram came; an unspecified address is every one, IPv4 and IPv6. Throws SystemError.
class SharedUdpSocket {
 public:
  SharedUdpSocket(const Address& address, const std::string& option);
  int descriptor() const { return descriptor_.get(); }
  int family() const { return family_; }
  std::uint16_t port() const { return port_; }

 private:
  FileDescriptor descriptor_;
  int family_ = 0;
  std::uint16_t port_ = 0;
};

/// The UDP socket of one relayed address: bound to exactly that one, and told what routers say of its datagrams.
class RelaySocket {
 public:
  /// False in a bool context: the address can't be had.
  explicit RelaySocket(const Address& address);
  explicit operator bool() const { return static_cast<bool>(descriptor_); }
  /// Whether what is sent from now on must not be cut on the way (the DF bit of IPv4, no fragment header of IPv6).
  void forbid_fragments(bool forbidden);
  bool forbids_fragments() const { return fragments_forbidden_; }

  int descriptor() const { return descriptor_.get(); }
  int family() const { return family_; }
  std::uint16_t port() const { return port_; }

 private:
  FileDescriptor descriptor_;
  int family_;
  std::uint16_t port_;
  bool fragments_forbidden_ = false;
};

/// A listening TCP socket that leaves its address to connections that begin there, too (RFC 6062). Nothing: it can't be had.
std::optional<TcpListener> listen_and_connect(const Address& address);
/// A connection from `local` to `remote`, which has only begun: it is there when the descriptor becomes writable. Nothing: it
/// can't be.
FileDescriptor begin_connection(const Address& local, const Address& remote);
/// Whether a connection that was begun is there.
bool has_connected(int descriptor);

}  // namespace parley::net
