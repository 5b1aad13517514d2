#include "sfu/net/udp_collector.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>

namespace parley::net {
namespace {

/// The largest run that an IP packet holds.
constexpr std::size_t largest_run = 65536;
/// Buffers lie a little further apart than a power of two: otherwise the heads of all of them compete for the same lines of the
/// cache.
constexpr std::size_t stride = largest_run + 17 * 64;

}  // namespace

void gather_runs(int descriptor, bool wanted) {
  const int on = wanted ? 1 : 0;
  ::setsockopt(descriptor, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
}

UdpCollector::UdpCollector(std::size_t capacity, std::size_t largest)
    : capacity_(capacity),
      largest_(largest),
      buffers_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity * stride)),
      messages_(capacity),
      pieces_(capacity),
      addresses_(capacity),
      controls_(capacity) {
  for (std::size_t i = 0; i < capacity; ++i) prepare(i);
}

MutableBytes UdpCollector::buffer(std::size_t index) const { return {&buffers_[index * stride], largest_run}; }

void UdpCollector::prepare(std::size_t index) {
  const MutableBytes bytes = buffer(index);
  pieces_[index] = {bytes.data(), bytes.size()};
  msghdr& message = messages_[index].msg_hdr;
  message = {};
  message.msg_name = addresses_[index].pointer();
  message.msg_namelen = sizeof addresses_[index].storage;
  message.msg_iov = &pieces_[index];
  message.msg_iovlen = 1;
  message.msg_control = controls_[index].bytes.data();
  message.msg_controllen = controls_[index].bytes.size();
}

std::span<const Datagram> UdpCollector::receive(int descriptor, std::uint16_t port, std::size_t most, Drops& drops) {
  received_.clear();
  const std::size_t first = used_;
  const auto room = static_cast<unsigned>(std::min(most, capacity_ - used_));
  const int count = ::recvmmsg(descriptor, &messages_[first], room, MSG_DONTWAIT, nullptr);
  left_some_ = count == static_cast<int>(room);
  found_error_ = count < 0 && errno != EAGAIN && errno != EINTR;
  for (; static_cast<int>(used_ - first) < count; ++used_) {
    const auto& message = messages_[used_];
    cut(message.msg_hdr, buffer(used_).first(message.msg_len), port, drops);
    prepare(used_);
  }
  return received_;
}

void UdpCollector::cut(const msghdr& message, MutableBytes bytes, std::uint16_t port, Drops& drops) {
  const auto info = read_packet_info(message, port);
  const std::size_t size = info.segment > 0 ? info.segment : bytes.size();
  if ((message.msg_flags & MSG_TRUNC) || size > largest_) return drops.add(DropReason::oversized_datagram);
  const Path path{Protocol::udp, info.local, from_sockaddr(static_cast<const sockaddr*>(message.msg_name))};
  do {
    const std::size_t next = std::min(size, bytes.size());
    received_.push_back({path, bytes.first(next)});
    bytes = bytes.subspan(next);
  } while (!bytes.empty());
}

}  // namespace parley::net
