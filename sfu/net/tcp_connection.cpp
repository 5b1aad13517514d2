#include "sfu/net/tcp_connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "sfu/base/outbox.hpp"

namespace parley::net {
namespace {

/// A browser sends its first check at once; whoever says nothing only holds a descriptor.
constexpr Duration first_frame_patience = seconds(5);
/// Consent checks come every 5 s (RFC 7675), so a minute without one is a dead connection.
constexpr Duration idle_patience = minutes(1);

/// RFC 8489 section 5: two zero bits, and the magic cookie behind type and length.
bool is_stun(Bytes frame) {
  Reader reader(frame);
  const std::uint16_t type = reader.u16();
  reader.skip(2);
  return reader.u32() == 0x2112A442 && type < 0x4000 && frame.size() >= 20;
}

}  // namespace

TcpConnection::TcpConnection(Time now, AcceptedConnection accepted)
    : descriptor_(std::move(accepted.descriptor)),
      path_{Protocol::tcp, accepted.local, accepted.remote},
      reader_(DatagramBatch::slot_size),
      expiry_(now + first_frame_patience) {}

bool TcpConnection::receive(Time now, std::vector<Datagram>& out, Drops& drops) {
  const MutableBytes space = reader_.space();
  const ssize_t size = ::recv(descriptor_.get(), space.data(), space.size(), MSG_DONTWAIT);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return false;
  if (size > 0) reader_.filled(static_cast<std::size_t>(size));
  while (const auto frame = reader_.next()) {
    if (!proven_ && !is_stun(*frame)) {
      drops.add(DropReason::tcp_first_frame_not_stun);
      return false;
    }
    proven_ = true;
    expiry_ = now + idle_patience;
    out.push_back({path_, *frame});
  }
  if (reader_.broken()) drops.add(DropReason::tcp_frame_too_large);
  return !reader_.broken();
}

void TcpConnection::push(Bytes frame, Drops& drops) {
  if (output_.size() - sent_ + frame.size() + 2 > output_limit) {
    drops.add(DropReason::send_queue_full);
    return;
  }
  std::array<std::uint8_t, 2> header;
  Writer(header).u16(static_cast<std::uint16_t>(frame.size()));
  output_.insert(output_.end(), header.begin(), header.end());
  output_.insert(output_.end(), frame.begin(), frame.end());
}

bool TcpConnection::flush() {
  while (wants_output()) {
    const ssize_t size = ::send(descriptor_.get(), output_.data() + sent_, output_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) {
      if (errno != EAGAIN && errno != EINTR) return false;
      // Keep the buffer from growing at its front while the back is appended to.
      output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(sent_));
      sent_ = 0;
      return true;
    }
    sent_ += static_cast<std::size_t>(size);
  }
  output_.clear();
  sent_ = 0;
  return true;
}

}  // namespace parley::net
