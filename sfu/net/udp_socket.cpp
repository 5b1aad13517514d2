#include "sfu/net/udp_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "sfu/net/socket_address.hpp"
#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

/// Holds 20 ms of a gigabit: a worker that is late by one scheduling slice loses nothing.
constexpr int socket_buffer_size = 4 << 20;
constexpr std::size_t control_size = 64;  // one in6_pktinfo (CMSG_SPACE is 40) and room to spare

using Control = std::array<std::uint8_t, control_size>;

void set(int descriptor, int level, int option, int value) { ::setsockopt(descriptor, level, option, &value, sizeof value); }

/// As much as the kernel lets us have: beyond net.core.rmem_max only with CAP_NET_ADMIN.
void enlarge_buffers(int descriptor) {
  set(descriptor, SOL_SOCKET, SO_RCVBUF, socket_buffer_size);
  set(descriptor, SOL_SOCKET, SO_SNDBUF, socket_buffer_size);
  set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, socket_buffer_size);
  set(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, socket_buffer_size);
}

/// The address that a received datagram was sent to.
Address local_address(const msghdr& message, std::uint16_t port) {
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header;
       header = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(header))) {
    if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      return from_in6(info.ipi6_addr, port);
    }
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      return from_in(info.ipi_addr, port);
    }
  }
  return Address().with_port(port);
}

template <typename Info>
void write_control(msghdr& message, int level, int type, const Info& info) {
  message.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
}

/// Makes the datagram leave from `local`.
void set_local_address(msghdr& message, const Address& local, int family) {
  if (local.is_unspecified()) {
    message.msg_controllen = 0;
  } else if (family == AF_INET6) {
    write_control(message, IPPROTO_IPV6, IPV6_PKTINFO, in6_pktinfo{to_in6(local), 0});
  } else {
    write_control(message, IPPROTO_IP, IP_PKTINFO, in_pktinfo{0, to_in(local), {}});
  }
}

}  // namespace

/// What the batch system calls point into, allocated once.
struct UdpSocket::Slots {
  std::vector<mmsghdr> messages{batch_size};
  std::vector<iovec> vectors{batch_size};
  std::vector<SocketAddress> addresses{batch_size};
  std::vector<Control> controls{batch_size};
  std::vector<std::array<std::uint8_t, DatagramBatch::slot_size>> buffers{batch_size};
  std::vector<Datagram> received;

  msghdr& prepare(std::size_t i, void* bytes, std::size_t size) {
    vectors[i] = {bytes, size};
    msghdr& message = messages[i].msg_hdr;
    message = {};
    message.msg_name = addresses[i].pointer();
    message.msg_namelen = sizeof(sockaddr_storage);
    message.msg_iov = &vectors[i];
    message.msg_iovlen = 1;
    message.msg_control = controls[i].data();
    message.msg_controllen = controls[i].size();
    return message;
  }
};

UdpSocket::UdpSocket(std::uint16_t port, const std::string& option) : slots_(std::make_unique<Slots>()) {
  family_ = AF_INET6;
  descriptor_.reset(::socket(family_, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor_) {  // a kernel without IPv6
    family_ = AF_INET;
    descriptor_.reset(::socket(family_, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  }
  if (family_ == AF_INET6) {
    set(descriptor_.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set(descriptor_.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  } else {
    set(descriptor_.get(), IPPROTO_IP, IP_PKTINFO, 1);
  }
  enlarge_buffers(descriptor_.get());
  SocketAddress any = to_socket_address(Address::v6({}, port), family_);
  if (::bind(descriptor_.get(), any.pointer(), any.size) != 0) throw port_error("UDP", std::to_string(port), option);
  any.size = sizeof any.storage;
  ::getsockname(descriptor_.get(), any.pointer(), &any.size);
  port_ = from_sockaddr(any.pointer()).port();
}

UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

std::span<const Datagram> UdpSocket::receive_batch(Drops& drops) {
  Slots& slots = *slots_;
  slots.received.clear();
  for (std::size_t i = 0; i < batch_size; ++i) slots.prepare(i, slots.buffers[i].data(), slots.buffers[i].size());
  const int count = ::recvmmsg(descriptor_.get(), slots.messages.data(), batch_size, MSG_DONTWAIT, nullptr);
  for (std::size_t i = 0; static_cast<int>(i) < count; ++i) {
    const mmsghdr& message = slots.messages[i];
    if (message.msg_hdr.msg_flags & MSG_TRUNC) {
      drops.add(DropReason::oversized_datagram);
      continue;
    }
    const Path path{Protocol::udp, local_address(message.msg_hdr, port_), from_sockaddr(slots.addresses[i].pointer())};
    slots.received.push_back({path, MutableBytes(slots.buffers[i]).first(message.msg_len)});
  }
  return slots.received;
}

void UdpSocket::send_batch(std::span<const DatagramBatch::Entry> entries, Drops& drops) {
  Slots& slots = *slots_;
  std::size_t next = 0;
  while (next < entries.size()) {
    std::size_t count = 0;
    for (; next < entries.size() && count < batch_size; ++next) {
      const DatagramBatch::Entry& entry = entries[next];
      if (entry.path.protocol != Protocol::udp) continue;
      slots.addresses[count] = to_socket_address(entry.path.remote, family_);
      msghdr& message = slots.prepare(count, entry.slot->data(), entry.size);
      message.msg_namelen = slots.addresses[count].size;
      set_local_address(message, entry.path.local, family_);
      ++count;
    }
    for (std::size_t sent = 0; sent < count;) {
      const int result = ::sendmmsg(descriptor_.get(), &slots.messages[sent], static_cast<unsigned>(count - sent), MSG_DONTWAIT);
      if (result > 0) {
        sent += static_cast<std::size_t>(result);
      } else {  // the kernel refuses the first of the rest, whatever for: go on behind it
        drops.add(DropReason::send_refused);
        ++sent;
      }
    }
  }
}

}  // namespace parley::net
