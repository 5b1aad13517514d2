#include "sfu/net/gather_sender.hpp"

#include <algorithm>
#include <cerrno>

namespace parley::net {
namespace {

/// The kernel, or the interface on the way, cannot cut (EIO: no checksum offload); it is not going to learn it.
bool cannot_segment(int error) { return error == EIO || error == EOPNOTSUPP || error == ENOPROTOOPT; }
/// Cutting as asked does not work here, for example because a datagram is larger than the path's MTU.
bool cannot_segment_this(int error) { return error == EINVAL || error == EMSGSIZE; }
bool queue_is_full(int error) { return error == EAGAIN || error == ENOBUFS; }

std::size_t hash_of(const GatherSender::Way& way) {
  return hash_value(way.remote) * 31 + static_cast<std::size_t>(way.descriptor);
}

bool send_one(int descriptor, const msghdr& message) { return ::sendmsg(descriptor, &message, MSG_DONTWAIT) >= 0; }

}  // namespace

GatherSender::GatherSender()
    : pieces_(capacity * pieces_of_run), messages_(capacity), addresses_(capacity), controls_(capacity) {}

void GatherSender::add(const Way& way, Bytes head, Bytes payload, Bytes tail, Drops& drops) {
  const std::size_t size = head.size() + payload.size() + tail.size();
  Run& run = run_for(way, size, drops);
  iovec* const pieces = pieces_of(static_cast<std::size_t>(&run - pending_.data()));
  for (const Bytes piece : {head, payload, tail})
    if (!piece.empty()) pieces[run.pieces++] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
  run.bytes += size;
  run.count += 1;
  run.closed = size < run.segment;
}

bool GatherSender::takes(const Run& run, const Way& way, std::size_t size) const {
  return segments_ && !run.closed && size > 0 && size <= run.segment && run.count < longest_run &&
         run.bytes + size <= largest_run && run.way == way;
}

GatherSender::Run& GatherSender::run_for(const Way& way, std::size_t size, Drops& drops) {
  std::uint8_t& newest = newest_[hash_of(way) % ways];
  if (newest < used_ && takes(pending_[newest], way, size)) return pending_[newest];
  if (used_ == capacity) flush(drops);
  newest = static_cast<std::uint8_t>(used_);
  Run& run = pending_[used_++];
  run = {way, size, 0, 0, 0, false};
  return run;
}

void GatherSender::describe(std::size_t index) {
  const Run& run = pending_[index];
  addresses_[index] = to_socket_address(run.way.remote, run.way.family);
  msghdr& message = messages_[index].msg_hdr;
  message = {};
  message.msg_name = addresses_[index].pointer();
  message.msg_namelen = addresses_[index].size;
  message.msg_iov = pieces_of(index);
  message.msg_iovlen = run.pieces;
  message.msg_control = controls_[index].bytes.data();
  write_packet_info(message, run.way.family, run.way.local,
                    run.count > 1 ? static_cast<std::uint16_t>(run.segment) : std::uint16_t{0});
}

void GatherSender::flush(Drops& drops) {
  for (std::size_t i = 0; i < used_; ++i) describe(i);
  for (std::size_t first = 0; first < used_;) first = flush_socket(first, drops);
  used_ = 0;
}

/// Sends the runs from `first` on that leave through the same socket, and returns the index of the next one.
std::size_t GatherSender::flush_socket(std::size_t first, Drops& drops) {
  const int descriptor = pending_[first].way.descriptor;
  std::size_t end = first + 1;
  while (end < used_ && pending_[end].way.descriptor == descriptor) ++end;
  for (std::size_t sent = first; sent < end;) {
    const int result = ::sendmmsg(descriptor, &messages_[sent], static_cast<unsigned>(end - sent), MSG_DONTWAIT);
    for (int i = 0; i < result; ++i) runs_.add(pending_[sent++].count);
    // The kernel refuses the first of the rest: go on behind it.
    if (result <= 0) refused(sent++, drops);
  }
  return end;
}

void GatherSender::refused(std::size_t index, Drops& drops) {
  const Run& run = pending_[index];
  // What a router has said of an earlier datagram is reported here, once, whatever it was: only the second answer is about this
  // one.
  if (!queue_is_full(errno) && send_one(run.way.descriptor, messages_[index].msg_hdr)) return runs_.add(run.count);
  const int error = errno;
  if (run.count == 1 || !(cannot_segment(error) || cannot_segment_this(error)))
    return drops.add(DropReason::send_refused, run.count);
  if (cannot_segment(error)) segments_ = false;
  send_apart(index, drops);
}

/// Each datagram of a run by itself.
void GatherSender::send_apart(std::size_t index, Drops& drops) {
  const Run& run = pending_[index];
  msghdr message = messages_[index].msg_hdr;
  write_packet_info(message, run.way.family, run.way.local, 0);
  iovec* piece = pieces_of(index);
  for (std::size_t left = run.bytes; left > 0;) {
    const std::size_t wanted = std::min(run.segment, left);
    message.msg_iov = piece;
    for (std::size_t size = 0; size < wanted; ++piece) size += piece->iov_len;
    message.msg_iovlen = static_cast<std::size_t>(piece - message.msg_iov);
    if (send_one(run.way.descriptor, message) || (!queue_is_full(errno) && send_one(run.way.descriptor, message)))
      runs_.add(1);
    else
      drops.add(DropReason::send_refused);
    left -= wanted;
  }
}

}  // namespace parley::net
