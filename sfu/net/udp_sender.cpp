#include "sfu/net/udp_sender.hpp"

#include <netinet/udp.h>

#include <cerrno>

namespace parley::net {
namespace {

/// A kernel that knows UDP_SEGMENT answers; 0 means that the socket does not cut by itself, as we tell it with each message.
bool kernel_segments(int descriptor) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, IPPROTO_UDP, UDP_SEGMENT, &value, &size) == 0;
}

/// The kernel, or the interface on the way, cannot cut (EIO: no checksum offload); it is not going to learn it.
bool cannot_segment(int error) { return error == EIO || error == EOPNOTSUPP || error == ENOPROTOOPT; }
/// Cutting as asked does not work here, for example because a datagram is larger than the path's MTU.
bool cannot_segment_this(int error) { return error == EINVAL || error == EMSGSIZE; }

}  // namespace

UdpSender::UdpSender(int descriptor, int family)
    : descriptor_(descriptor), family_(family), segments_(kernel_segments(descriptor)) {
  pending_.reserve(batch_size);
  messages_.resize(batch_size);
  pieces_.reserve(batch_size * longest_run);  // messages point into it, so it never moves
  addresses_.resize(batch_size);
  controls_.resize(batch_size);
}

void UdpSender::send(const DatagramBatch& batch, Drops& drops) {
  const Entries entries = batch.entries();
  for (std::uint32_t first = 0; first < entries.size(); ++first) {
    if (!entries[first].first_of_flow || entries[first].path.protocol != Protocol::udp) continue;
    for (std::uint32_t next = first; next != DatagramBatch::none;) {
      const Run run = find_run(entries, next);
      append(entries, run);
      if (pending_.size() == batch_size) flush(entries, drops);
      next = run.next;
    }
  }
  flush(entries, drops);
}

UdpSender::Run UdpSender::find_run(Entries entries, std::uint32_t first) const {
  const std::size_t size = entries[first].size;
  Run run{first, 1, entries[first].next_of_flow};
  std::size_t bytes = size;
  while (segments_ && run.next != DatagramBatch::none && run.count < longest_run) {
    const auto& entry = entries[run.next];
    if (entry.size > size || bytes + entry.size > largest_run) break;
    ++run.count;
    bytes += entry.size;
    run.next = entry.next_of_flow;
    if (entry.size < size) break;
  }
  return run;
}

void UdpSender::append(Entries entries, const Run& run) {
  const std::size_t i = pending_.size();
  const auto& head = entries[run.first];
  const std::size_t first_piece = pieces_.size();
  for (std::uint32_t at = run.first, left = run.count; left > 0; at = entries[at].next_of_flow, --left)
    pieces_.push_back({entries[at].slot->data(), entries[at].size});
  addresses_[i] = to_socket_address(head.path.remote, family_);
  msghdr& message = messages_[i].msg_hdr;
  message = {};
  message.msg_name = addresses_[i].pointer();
  message.msg_namelen = addresses_[i].size;
  message.msg_iov = &pieces_[first_piece];
  message.msg_iovlen = run.count;
  message.msg_control = controls_[i].bytes.data();
  write_packet_info(message, family_, head.path.local, run.count > 1 ? static_cast<std::uint16_t>(head.size) : std::uint16_t{0});
  pending_.push_back(run);
}

void UdpSender::flush(Entries entries, Drops& drops) {
  for (std::size_t sent = 0; sent < pending_.size();) {
    const auto left = static_cast<unsigned>(pending_.size() - sent);
    const int result = ::sendmmsg(descriptor_, &messages_[sent], left, MSG_DONTWAIT);
    for (int i = 0; i < result; ++i) runs_.add(pending_[sent++].count);
    // The kernel refuses the first of the rest: go on behind it.
    if (result <= 0) refused(entries, pending_[sent++], drops);
  }
  pending_.clear();
  pieces_.clear();
}

void UdpSender::refused(Entries entries, const Run& run, Drops& drops) {
  const bool may_go_alone = run.count > 1 && (cannot_segment(errno) || cannot_segment_this(errno));
  if (!may_go_alone) return drops.add(DropReason::send_refused, run.count);
  if (cannot_segment(errno)) segments_ = false;
  for (std::uint32_t at = run.first, left = run.count; left > 0; at = entries[at].next_of_flow, --left) {
    if (!send_alone(entries[at])) drops.add(DropReason::send_refused);
  }
}

bool UdpSender::send_alone(const DatagramBatch::Entry& entry) {
  SocketAddress address = to_socket_address(entry.path.remote, family_);
  iovec piece{entry.slot->data(), entry.size};
  ControlBuffer control;
  msghdr message{};
  message.msg_name = address.pointer();
  message.msg_namelen = address.size;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  write_packet_info(message, family_, entry.path.local, 0);
  if (::sendmsg(descriptor_, &message, MSG_DONTWAIT) < 0) return false;
  runs_.add(1);
  return true;
}

}  // namespace parley::net
