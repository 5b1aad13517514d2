#pragma once
// Takes datagrams from a UDP socket in batches. Runs that the kernel has gathered (UDP_GRO) are handed on as the datagrams that
// they were on the network.

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

class UdpReceiver {
 public:
  /// How many runs one system call moves.
  static constexpr std::size_t batch_size = 64;

  /// Of an open socket, which must outlive this; `port` is its own.
  UdpReceiver(int descriptor, std::uint16_t port);

  /// What has arrived, without waiting; empty when there is nothing. Valid until the next call. Datagrams larger than a slot of
  /// DatagramBatch are counted and left out.
  std::span<const Datagram> receive(Drops& drops);

 private:
  void cut(const msghdr& message, MutableBytes bytes, Drops& drops);

  int descriptor_;
  std::uint16_t port_;
  std::size_t buffer_size_;
  std::unique_ptr<std::uint8_t[]> buffers_;  ///< batch_size of them; what is never received into takes no memory
  std::vector<mmsghdr> messages_;
  std::vector<iovec> pieces_;
  std::vector<SocketAddress> addresses_;
  std::vector<ControlBuffer> controls_;
  std::vector<Datagram> received_;
};

}  // namespace parley::net
