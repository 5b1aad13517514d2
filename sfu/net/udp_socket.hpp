#pragma once
// The one UDP port of a worker. Dual-stack: one socket for IPv4 and IPv6. It learns with each datagram to which of the
// machine's addresses it came (IP_PKTINFO), and answers from that one: a peer on the far side of a NAT or of a second
// interface would not recognise any other (RFC 8445 section 7.3.1.1).

#include <optional>
#include <string>

#include "sfu/net/file_descriptor.hpp"
#include "sfu/net/udp_receiver.hpp"
#include "sfu/net/udp_sender.hpp"

namespace parley::net {

class UdpSocket {
 public:
  /// Opens `port` on every address; 0 lets the kernel choose. Throws SystemError, whose sentence names `option`.
  UdpSocket(std::uint16_t port, const std::string& option);

  /// What has arrived, without waiting; empty when there is nothing. Valid until the next call.
  std::span<const Datagram> receive_batch(Drops& drops) { return receiver_->receive(drops); }
  /// Sends each entry whose path is UDP and leaves the others alone. What the kernel refuses (its queue is full, there is
  /// no route) is counted as send_refused: a datagram may be lost, and nobody waits here.
  void send_batch(const DatagramBatch& batch, Drops& drops) { sender_->send(batch, drops); }

  UdpSender& sender() { return *sender_; }
  int descriptor() const { return descriptor_.get(); }
  std::uint16_t port() const { return port_; }

 private:
  FileDescriptor descriptor_;
  std::uint16_t port_ = 0;
  std::optional<UdpReceiver> receiver_;
  std::optional<UdpSender> sender_;
};

}  // namespace parley::net
