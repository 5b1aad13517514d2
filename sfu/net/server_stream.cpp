#include "sfu/net/server_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "sfu/net/server_tls.hpp"

namespace parley::net {

void ServerStream::Free::operator()(ssl_st* session) const { SSL_free(session); }

ServerStream::ServerStream(FileDescriptor descriptor, const ServerTls* tls) : descriptor_(std::move(descriptor)) {
  // Whoever is gone without a word (a cable, a NAT that forgot) is noticed at last.
  const int on = 1;
  ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (!tls) return;
  tls_.reset(SSL_new(tls->context()));
  SSL_set_fd(tls_.get(), descriptor_.get());
  SSL_set_accept_state(tls_.get());
}

std::size_t ServerStream::read(MutableBytes space) {
  if (ended_ || space.empty()) return 0;
  const std::ptrdiff_t size = read_some(space);
  if (size > 0) return static_cast<std::size_t>(size);
  ended_ = !may_repeat(size);
  return 0;
}

std::ptrdiff_t ServerStream::read_some(MutableBytes space) {
  if (tls_) return SSL_read(tls_.get(), space.data(), static_cast<int>(std::min<std::size_t>(space.size(), 1 << 20)));
  return ::recv(descriptor(), space.data(), space.size(), MSG_DONTWAIT);
}

std::ptrdiff_t ServerStream::write_some(Bytes bytes) {
  if (tls_) return SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
  return ::send(descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool ServerStream::has_more() const { return tls_ && SSL_pending(tls_.get()) > 0; }

bool ServerStream::may_repeat(std::ptrdiff_t result) {
  if (!tls_) return result < 0 && (errno == EAGAIN || errno == EINTR);
  const int error = SSL_get_error(tls_.get(), static_cast<int>(result));
  ERR_clear_error();
  handshake_wants_output_ = error == SSL_ERROR_WANT_WRITE;
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

bool ServerStream::push(Bytes head, Bytes payload, Bytes tail) {
  if (ended_) return true;  // nobody is there who could miss it
  if (waiting() + head.size() + payload.size() + tail.size() > output_limit) return false;
  for (const Bytes piece : {head, payload, tail}) output_.insert(output_.end(), piece.begin(), piece.end());
  // One TLS record for each message, where nothing waits: there are clients that read no further than the first message of a
  // record.
  if (tls_) flush();
  return true;
}

void ServerStream::flush() {
  handshake_wants_output_ = false;
  while (!ended_ && sent_ < output_.size()) {
    const std::ptrdiff_t size = write_some(Bytes(output_).subspan(sent_));
    if (size <= 0) {
      ended_ = !may_repeat(size);
      // Keep the buffer from growing at its front while the back is appended to.
      output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(sent_));
      sent_ = 0;
      return;
    }
    sent_ += static_cast<std::size_t>(size);
  }
  output_.clear();
  sent_ = 0;
}

}  // namespace parley::net
