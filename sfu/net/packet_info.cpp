#include "sfu/net/packet_info.hpp"

#include <netinet/udp.h>

#include <cstring>

#include "sfu/net/socket_address.hpp"

namespace parley::net {
namespace {

template <typename Value>
Value read_value(const cmsghdr& header) {
  Value value{};
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return value;
}

/// Without padding behind the last one: an address alone is then just as long as the kernel reads without allocating (36 octets),
/// which is 6 % of what a datagram costs.
template <typename Value>
void append(msghdr& message, int level, int type, const Value& value) {
  const std::size_t start = CMSG_ALIGN(message.msg_controllen);
  auto* at = static_cast<std::uint8_t*>(message.msg_control) + start;
  const cmsghdr header{CMSG_LEN(sizeof value), level, type};
  std::memcpy(at, &header, sizeof header);
  std::memcpy(at + CMSG_LEN(0), &value, sizeof value);
  message.msg_controllen = start + CMSG_LEN(sizeof value);
}

}  // namespace

PacketInfo read_packet_info(const msghdr& message, std::uint16_t port) {
  PacketInfo info{Address().with_port(port)};
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header;
       header = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(header))) {
    if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO)
      info.local = from_in6(read_value<in6_pktinfo>(*header).ipi6_addr, port);
    else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO)
      info.local = from_in(read_value<in_pktinfo>(*header).ipi_addr, port);
    else if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO)
      info.segment = static_cast<std::size_t>(read_value<int>(*header));
  }
  return info;
}

void write_packet_info(msghdr& message, int family, const Address& local, std::uint16_t segment) {
  message.msg_controllen = 0;
  if (!local.is_unspecified() && family == AF_INET6)
    append(message, IPPROTO_IPV6, IPV6_PKTINFO, in6_pktinfo{to_in6(local), 0});
  else if (!local.is_unspecified())
    append(message, IPPROTO_IP, IP_PKTINFO, in_pktinfo{0, to_in(local), {}});
  if (segment > 0) append(message, IPPROTO_UDP, UDP_SEGMENT, segment);
}

}  // namespace parley::net
