#pragma once
// Sends datagrams that lie about in pieces, without copying them, through any number of sockets. As in udp_sender.hpp, datagrams
// of one size for one destination go through the network stack as one (UDP_SEGMENT), also when others were added in between.

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/drop_reason.hpp"
#include "sfu/base/histogram.hpp"
#include "sfu/net/packet_info.hpp"
#include "sfu/net/socket_address.hpp"

namespace parley::net {

class GatherSender {
 public:
  /// How many runs wait for one flush.
  static constexpr std::size_t capacity = 64;
  /// Datagrams in a run, and their bytes (an IP packet of 64 KiB less its headers): what every kernel with UDP_SEGMENT takes.
  static constexpr std::size_t longest_run = 64;
  static constexpr std::size_t largest_run = 65000;
  static constexpr std::size_t pieces_of_datagram = 3;

  /// Where a datagram leaves and where it goes.
  struct Way {
    int descriptor = -1;
    int family = 0;  ///< the socket's
    Address local;   ///< unspecified: the socket, or the kernel, knows
    Address remote;
    bool operator==(const Way&) const = default;
  };

  GatherSender();

  /// The pieces must stay as they are until flush(). Datagrams of one way leave in the order in which they were added.
  void add(const Way& way, Bytes head, Bytes payload, Bytes tail, Drops& drops);
  /// What the kernel refuses is counted as send_refused.
  void flush(Drops& drops);
  /// How many datagrams went in each run.
  const Histogram& runs() const { return runs_; }

 private:
  struct Run {
    Way way;
    std::size_t segment = 0;  ///< the size of each datagram but the last
    std::size_t bytes = 0;
    std::uint32_t count = 0;
    std::uint32_t pieces = 0;
    bool closed = false;  ///< by one that is shorter
  };
  static constexpr std::size_t pieces_of_run = longest_run * pieces_of_datagram;
  static constexpr std::size_t ways = 256;

  Run& run_for(const Way& way, std::size_t size, Drops& drops);
  bool takes(const Run& run, const Way& way, std::size_t size) const;
  iovec* pieces_of(std::size_t index) { return &pieces_[index * pieces_of_run]; }
  void describe(std::size_t index);
  std::size_t flush_socket(std::size_t first, Drops& drops);
  void refused(std::size_t index, Drops& drops);
  void send_apart(std::size_t index, Drops& drops);

  std::size_t used_ = 0;
  bool segments_ = true;
  Histogram runs_;
  std::array<Run, capacity> pending_;
  std::array<std::uint8_t, ways> newest_{};  ///< by hash of the way: its newest run, if the way fits
  std::vector<iovec> pieces_;
  std::vector<mmsghdr> messages_;
  std::vector<SocketAddress> addresses_;
  std::vector<ControlBuffer> controls_;
};

}  // namespace parley::net
