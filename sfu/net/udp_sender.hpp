#pragma once
// Sends a DatagramBatch through a UDP socket. The walk through the network stack costs, not the system call: so datagrams of one
// size for one destination go through it as one large packet, which the kernel or the network card cuts (UDP_SEGMENT). What that
// spares is in README.md; which runs really occur, in runs().

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <vector>

#include "sfu/base/drop_reason.hpp"
#include "sfu/base/histogram.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/net/packet_info.hpp"
#include "sfu/net/socket_address.hpp"

namespace parley::net {

class UdpSender {
 public:
  /// How many runs one system call moves.
  static constexpr std::size_t batch_size = 64;
  /// Datagrams in a run, and their bytes (an IP packet of 64 KiB less its headers): what every kernel with UDP_SEGMENT takes.
  static constexpr std::uint32_t longest_run = 64;
  static constexpr std::size_t largest_run = 65000;

  /// Of an open socket, which must outlive this.
  UdpSender(int descriptor, int family);

  /// Sends each entry whose path is UDP and leaves the others alone. What the kernel refuses is counted as send_refused.
  void send(const DatagramBatch& batch, Drops& drops);

  /// How many datagrams went in each run.
  const Histogram& runs() const { return runs_; }
  /// Whether the kernel cuts runs. False on a kernel, or for an interface, that cannot.
  bool segments() const { return segments_; }
  void disable_segmentation() { segments_ = false; }

 private:
  /// Consecutive datagrams of one flow, all of one size but the last, which may be shorter.
  struct Run {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t next = DatagramBatch::none;  ///< the flow's first datagram behind the run
  };
  using Entries = std::span<const DatagramBatch::Entry>;
  Run find_run(Entries entries, std::uint32_t first) const;
  void append(Entries entries, const Run& run);
  void flush(Entries entries, Drops& drops);
  void refused(Entries entries, const Run& run, Drops& drops);
  bool send_alone(const DatagramBatch::Entry& entry);

  int descriptor_;
  int family_;
  bool segments_;
  Histogram runs_;
  std::vector<Run> pending_;
  std::vector<mmsghdr> messages_;
  std::vector<iovec> pieces_;
  std::vector<SocketAddress> addresses_;
  std::vector<ControlBuffer> controls_;
};

}  // namespace parley::net
