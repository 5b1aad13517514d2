#pragma once
// The control messages that travel beside a UDP datagram: which local address it came to or leaves from (IP_PKTINFO), and the
// size of the pieces of a run (UDP_SEGMENT, UDP_GRO). For the inside of net/ only: it needs system headers.

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "sfu/base/address.hpp"

namespace parley::net {

/// Room for an in6_pktinfo (CMSG_SPACE is 40) and a segment size (24).
struct ControlBuffer {
  alignas(cmsghdr) std::array<std::uint8_t, 80> bytes;
};

/// Of a received message. `port` is the socket's.
struct PacketInfo {
  Address local;
  std::size_t segment = 0;  ///< 0: the message is one datagram
};
PacketInfo read_packet_info(const msghdr& message, std::uint16_t port);

/// Fills msg_control, which must point to a ControlBuffer: the message leaves from `local` (any, when that is unspecified), cut
/// into datagrams of `segment` bytes (not cut, when that is 0).
void write_packet_info(msghdr& message, int family, const Address& local, std::uint16_t segment);

}  // namespace parley::net
