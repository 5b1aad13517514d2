#include "sfu/net/client_stream.hpp"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sfu/net/socket_address.hpp"
#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

constexpr std::size_t piece_size = 64 << 10;
/// ip(7): choose the port only at connect(), so that one address carries as many connections as there are remote ends.
constexpr int bind_address_no_port = 24;

}  // namespace

void ClientTls::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

ClientTls::ClientTls(bool insecure) : context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) throw SystemError::sentence("TLS cannot be used: OpenSSL refuses.");
  SSL_CTX_set_mode(context(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (insecure) return;
  SSL_CTX_set_default_verify_paths(context());
  SSL_CTX_set_verify(context(), SSL_VERIFY_PEER, nullptr);
}

void ClientStream::Free::operator()(ssl_st* session) const { SSL_free(session); }

ClientStream::ClientStream(const Address& remote, const Address& local, const ClientTls* tls, const std::string& host) {
  connect(remote, local);
  if (state_ != State::closed && tls) prepare_tls(*tls, host);
}

void ClientStream::connect(const Address& remote, const Address& local) {
  const int family = remote.is_v4() ? AF_INET : AF_INET6;
  descriptor_.reset(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor_) return close(std::strerror(errno));
  const int on = 1;
  ::setsockopt(descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!local.is_unspecified()) {
    ::setsockopt(descriptor(), IPPROTO_IP, bind_address_no_port, &on, sizeof on);
    const SocketAddress from = to_socket_address(local.with_port(0), family);
    if (::bind(descriptor(), from.pointer(), from.size) != 0) return close(std::strerror(errno));
  }
  const SocketAddress to = to_socket_address(remote, family);
  if (::connect(descriptor(), to.pointer(), to.size) != 0 && errno != EINPROGRESS) close(std::strerror(errno));
}

void ClientStream::prepare_tls(const ClientTls& tls, const std::string& host) {
  tls_.reset(SSL_new(tls.context()));
  SSL_set_fd(tls_.get(), descriptor());
  if (Address::parse(host, 0)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host.c_str());
  } else {
    SSL_set1_host(tls_.get(), host.c_str());
    SSL_set_tlsext_host_name(tls_.get(), host.c_str());
  }
  SSL_set_connect_state(tls_.get());
}

void ClientStream::close(std::string reason) {
  state_ = State::closed;
  reason_ = std::move(reason);
}

bool ClientStream::wants_output() const {
  return (state_ == State::connecting && handshake_wants_output_) || (state_ == State::open && !output_.empty());
}

void ClientStream::handle(std::string& input) {
  if (state_ == State::connecting) finish_connecting();
  if (state_ == State::open) read(input);
  if (state_ == State::open) flush();
}

void ClientStream::finish_connecting() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return close(std::strerror(error));
  sockaddr_storage peer;
  size = sizeof peer;
  if (::getpeername(descriptor(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return;  // not yet
  if (tls_) {
    const int result = SSL_do_handshake(tls_.get());
    if (result != 1 && is_temporary(result)) return;
    if (result != 1) return close("the TLS handshake failed (a certificate that nobody vouches for? see --insecure)");
  }
  state_ = State::open;
}

/// Whether the call only has to be repeated when the descriptor is ready.
bool ClientStream::is_temporary(int result) {
  const int error = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  handshake_wants_output_ = error == SSL_ERROR_WANT_WRITE;
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

void ClientStream::read(std::string& input) {
  std::array<char, piece_size> piece;
  for (;;) {
    const ssize_t size =
        tls_ ? SSL_read(tls_.get(), piece.data(), piece.size()) : ::recv(descriptor(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (size > 0) {
      input.append(piece.data(), static_cast<std::size_t>(size));
      continue;
    }
    const bool wait = tls_ ? is_temporary(static_cast<int>(size)) : size < 0 && (errno == EAGAIN || errno == EINTR);
    if (!wait) close("the server has closed the connection");
    return;
  }
}

void ClientStream::write(std::string_view bytes) {
  output_ += bytes;
  if (state_ == State::open) flush();
}

void ClientStream::flush() {
  while (!output_.empty()) {
    const ssize_t size = tls_ ? SSL_write(tls_.get(), output_.data(), static_cast<int>(std::min(output_.size(), piece_size)))
                              : ::send(descriptor(), output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size <= 0) {
      const bool wait = tls_ ? is_temporary(static_cast<int>(size)) : errno == EAGAIN || errno == EINTR;
      if (!wait) close("the server has closed the connection");
      return;
    }
    output_.erase(0, static_cast<std::size_t>(size));
  }
}

}  // namespace parley::net
