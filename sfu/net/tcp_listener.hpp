#pragma once
// A listening TCP port, dual-stack, that never blocks.

#include <optional>
#include <string>

#include "sfu/base/address.hpp"
#include "sfu/net/file_descriptor.hpp"

namespace parley::net {

struct AcceptedConnection {
  FileDescriptor descriptor;
  Address local;
  Address remote;
};

class TcpListener {
 public:
  /// An unspecified address (0.0.0.0 or ::) listens on every address, IPv4 and IPv6; port 0 lets the kernel choose.
  /// `sharing`: with other sockets of this user (SO_REUSEPORT). Throws SystemError, whose sentence names `option`.
  enum class Sharing { none, port };
  TcpListener(const Address& address, const std::string& option, Sharing sharing = Sharing::none);

  /// The next connection that waits, if any: non-blocking, TCP_NODELAY, closed on exec.
  std::optional<AcceptedConnection> accept();

  int descriptor() const { return descriptor_.get(); }
  std::uint16_t port() const { return port_; }

 private:
  FileDescriptor descriptor_;
  std::uint16_t port_ = 0;
};

}  // namespace parley::net
