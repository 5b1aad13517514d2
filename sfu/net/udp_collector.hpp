#pragma once
// Takes datagrams from UDP sockets in batches, from one after the other into one stock of buffers: what came from all of them can
// then be sent on together. Runs that the kernel has gathered (UDP_GRO) are handed on as the datagrams that they were on the
// network.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sfu/base/drop_reason.hpp"
#include "sfu/net/datagram.hpp"
#include "sfu/net/packet_info.hpp"
#include "sfu/net/socket_address.hpp"

namespace parley::net {

class UdpCollector {
 public:
  /// Room for `capacity` runs. Datagrams larger than `largest` are counted and left out.
  UdpCollector(std::size_t capacity, std::size_t largest);

  /// What has arrived at a socket, without waiting: `most` runs at most, and not more than there is room for. The span is valid
  /// until the next call, the bytes are until release(). `port` is the socket's own.
  std::span<const Datagram> receive(int descriptor, std::uint16_t port, std::size_t most, Drops& drops);
  /// The last receive() found an error that waits for being read (see icmp_error.hpp).
  bool found_error() const { return found_error_; }
  /// The last receive() took as much as it might.
  bool may_have_left_some() const { return left_some_; }
  bool full() const { return used_ == capacity_; }
  /// Everything received is through: the buffers are used again.
  void release() { used_ = 0; }

 private:
  void prepare(std::size_t index);
  void cut(const msghdr& message, MutableBytes bytes, std::uint16_t port, Drops& drops);
  MutableBytes buffer(std::size_t index) const;

  std::size_t capacity_;
  std::size_t largest_;
  std::size_t used_ = 0;
  bool found_error_ = false;
  bool left_some_ = false;
  std::unique_ptr<std::uint8_t[]> buffers_;  ///< what is never received into takes no memory
  std::vector<mmsghdr> messages_;
  std::vector<iovec> pieces_;
  std::vector<SocketAddress> addresses_;
  std::vector<ControlBuffer> controls_;
  std::vector<Datagram> received_;
};

/// Whether the kernel is to gather runs for this socket, where it can.
void gather_runs(int descriptor, bool wanted = true);

}  // namespace parley::net
