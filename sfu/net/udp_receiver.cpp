#include "sfu/net/udp_receiver.hpp"

#include <netinet/udp.h>

#include <algorithm>

#include "sfu/base/outbox.hpp"

namespace parley::net {
namespace {

/// The largest run that an IP packet holds.
constexpr std::size_t largest_run = 65536;

bool gather_runs(int descriptor) {
  const int on = 1;
  return ::setsockopt(descriptor, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
}

}  // namespace

UdpReceiver::UdpReceiver(int descriptor, std::uint16_t port)
    : descriptor_(descriptor),
      port_(port),
      buffer_size_(gather_runs(descriptor) ? largest_run : DatagramBatch::slot_size),
      buffers_(std::make_unique_for_overwrite<std::uint8_t[]>(batch_size * buffer_size_)),
      messages_(batch_size),
      pieces_(batch_size),
      addresses_(batch_size),
      controls_(batch_size) {}

std::span<const Datagram> UdpReceiver::receive(Drops& drops) {
  received_.clear();
  for (std::size_t i = 0; i < batch_size; ++i) {
    pieces_[i] = {&buffers_[i * buffer_size_], buffer_size_};
    msghdr& message = messages_[i].msg_hdr;
    message = {};
    message.msg_name = addresses_[i].pointer();
    message.msg_namelen = sizeof addresses_[i].storage;
    message.msg_iov = &pieces_[i];
    message.msg_iovlen = 1;
    message.msg_control = controls_[i].bytes.data();
    message.msg_controllen = controls_[i].bytes.size();
  }
  const int count = ::recvmmsg(descriptor_, messages_.data(), batch_size, MSG_DONTWAIT, nullptr);
  for (std::size_t i = 0; static_cast<int>(i) < count; ++i)
    cut(messages_[i].msg_hdr, MutableBytes(&buffers_[i * buffer_size_], messages_[i].msg_len), drops);
  return received_;
}

void UdpReceiver::cut(const msghdr& message, MutableBytes bytes, Drops& drops) {
  const auto info = read_packet_info(message, port_);
  const std::size_t size = info.segment > 0 ? info.segment : bytes.size();
  if ((message.msg_flags & MSG_TRUNC) || size > DatagramBatch::slot_size) return drops.add(DropReason::oversized_datagram);
  const Path path{Protocol::udp, info.local, from_sockaddr(static_cast<const sockaddr*>(message.msg_name))};
  do {
    const std::size_t next = std::min(size, bytes.size());
    received_.push_back({path, bytes.first(next)});
    bytes = bytes.subspan(next);
  } while (!bytes.empty());
}

}  // namespace parley::net
