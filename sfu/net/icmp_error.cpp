#include "sfu/net/icmp_error.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sfu/net/socket_address.hpp"

namespace parley::net {
namespace {

// RFC 4443 section 3.2; <netinet/icmp6.h> and <linux/errqueue.h> do not go together everywhere.
constexpr std::uint8_t icmp6_packet_too_big = 2;

bool is_about_size(const sock_extended_err& error, bool v4) {
  return v4 ? error.ee_type == ICMP_DEST_UNREACH && error.ee_code == ICMP_FRAG_NEEDED : error.ee_type == icmp6_packet_too_big;
}

IcmpError translate(const sock_extended_err& error, const Address& remote) {
  if (error.ee_origin == SO_EE_ORIGIN_LOCAL)  // this machine says it of its own interface, as a router would
    return remote.is_v4() ? IcmpError{remote, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, error.ee_info}
                          : IcmpError{remote, icmp6_packet_too_big, 0, error.ee_info};
  return {remote, error.ee_type, error.ee_code, is_about_size(error, remote.is_v4()) ? error.ee_info : 0};
}

}  // namespace

void keep_icmp_errors(int descriptor, int family) {
  const int on = 1;
  if (family == AF_INET6)
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
  else
    ::setsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

std::optional<IcmpError> take_icmp_error(int descriptor) {
  alignas(cmsghdr) std::array<std::uint8_t, 256> control;
  SocketAddress remote;
  msghdr message{};
  message.msg_name = remote.pointer();
  message.msg_namelen = sizeof remote.storage;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(header))) {
    const bool wanted = (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR) ||
                        (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR);
    if (!wanted) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(header), sizeof error);
    return translate(error, from_sockaddr(remote.pointer()));
  }
  return IcmpError{};
}

}  // namespace parley::net
