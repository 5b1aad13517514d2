#include "sfu/net/mailbox.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

constexpr std::size_t header_size = 4;
constexpr std::size_t read_size = 64 << 10;
/// Reads within one turn, so that a chatty worker does not keep the others waiting.
constexpr int reads_per_turn = 16;

bool try_again() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

std::pair<Mailbox, Mailbox> Mailbox::pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw SystemError("The pipe to a worker cannot be made");
  return {Mailbox(FileDescriptor(ends[0])), Mailbox(FileDescriptor(ends[1]))};
}

Mailbox::Mailbox(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {
  const int flags = ::fcntl(descriptor_.get(), F_GETFL);
  if (flags < 0 || ::fcntl(descriptor_.get(), F_SETFL, flags | O_NONBLOCK) < 0)
    throw SystemError("The pipe to the front is not open");
}

bool Mailbox::receive(std::vector<std::string>& out) {
  for (int i = 0; i < reads_per_turn; ++i) {
    const std::size_t before = input_.size();
    input_.resize(before + read_size);
    const ssize_t size = ::recv(descriptor_.get(), input_.data() + before, read_size, MSG_DONTWAIT);
    const bool again = size < 0 && try_again();
    input_.resize(before + (size > 0 ? static_cast<std::size_t>(size) : 0));
    if (again) return true;
    if (size <= 0 || !take_messages(out)) return false;
  }
  return true;
}

bool Mailbox::take_messages(std::vector<std::string>& out) {
  Reader reader(input_);
  std::size_t used = 0;
  while (reader.remaining() >= header_size) {
    const std::uint32_t size = reader.u32();
    if (size > message_limit) return false;
    const Bytes message = reader.take(size);
    if (!reader.ok()) break;
    out.emplace_back(as_text(message));
    used += header_size + size;
  }
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(used));
  return true;
}

bool Mailbox::send(std::string_view message) {
  if (message.size() > message_limit || output_.size() - sent_ + message.size() > output_limit) return false;
  std::array<std::uint8_t, header_size> header;
  Writer(header).u32(static_cast<std::uint32_t>(message.size()));
  output_.insert(output_.end(), header.begin(), header.end());
  output_.insert(output_.end(), message.begin(), message.end());
  return flush();
}

bool Mailbox::flush() {
  while (wants_output()) {
    const ssize_t size = ::send(descriptor_.get(), output_.data() + sent_, output_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && !try_again()) return false;
    if (size < 0) break;
    sent_ += static_cast<std::size_t>(size);
  }
  output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(sent_));
  sent_ = 0;
  return true;
}

}  // namespace parley::net
