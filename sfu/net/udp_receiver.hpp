#pragma once
// Takes datagrams from one UDP socket in batches.

#include <cstdint>
#include <span>

#include "sfu/base/outbox.hpp"
#include "sfu/net/udp_collector.hpp"

namespace parley::net {

class UdpReceiver {
 public:
  /// How many runs one system call moves.
  static constexpr std::size_t batch_size = 64;

  /// Of an open socket, which must outlive this; `port` is its own.
  UdpReceiver(int descriptor, std::uint16_t port)
      : descriptor_(descriptor), port_(port), collector_(batch_size, DatagramBatch::slot_size) {
    gather_runs(descriptor);
  }

  /// What has arrived, without waiting; empty when there is nothing. Valid until the next call. Datagrams larger than a slot of
  /// DatagramBatch are counted and left out.
  std::span<const Datagram> receive(Drops& drops) {
    collector_.release();
    return collector_.receive(descriptor_, port_, batch_size, drops);
  }

 private:
  int descriptor_;
  std::uint16_t port_;
  UdpCollector collector_;
};

}  // namespace parley::net
