#pragma once
// The one UDP port of a worker. Dual-stack: one socket for IPv4 and IPv6. It learns with each datagram to which of the
// machine's addresses it came (IP_PKTINFO), and answers from that one: a peer on the far side of a NAT or of a second
// interface would not recognise any other (RFC 8445 section 7.3.1.1).

#include <memory>
#include <span>
#include <string>

#include "sfu/base/drop_reason.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/net/datagram.hpp"
#include "sfu/net/file_descriptor.hpp"

namespace parley::net {

class UdpSocket {
 public:
  /// How many datagrams one system call moves.
  static constexpr std::size_t batch_size = 64;

  /// Opens `port` on every address; 0 lets the kernel choose. Throws SystemError, whose sentence names `option`.
  UdpSocket(std::uint16_t port, const std::string& option);
  UdpSocket(UdpSocket&&) noexcept;
  ~UdpSocket();

  /// Up to batch_size datagrams, without waiting; empty when there are none. Valid until the next call. Those larger
  /// than a slot of DatagramBatch are counted and left out.
  std::span<const Datagram> receive_batch(Drops& drops);
  /// Sends each entry whose path is UDP and leaves the others alone. What the kernel refuses (its queue is full, there is
  /// no route) is counted as send_refused: a datagram may be lost, and nobody waits here.
  void send_batch(std::span<const DatagramBatch::Entry> entries, Drops& drops);

  int descriptor() const { return descriptor_.get(); }
  std::uint16_t port() const { return port_; }

 private:
  struct Slots;
  FileDescriptor descriptor_;
  int family_ = 0;
  std::uint16_t port_ = 0;
  std::unique_ptr<Slots> slots_;
};

}  // namespace parley::net
