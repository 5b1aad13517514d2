#pragma once
// A DTLS client that is plain OpenSSL and none of our code, for tests: it talks over a pair of local datagram sockets, so that it
// sees the borders of datagrams as it would on a network.

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/transport/certificate.hpp"

namespace parley::test {

class OpenSslClient {
 public:
  struct Options {
    std::string srtp_profiles;  ///< empty: no use_srtp extension
    bool with_certificate = true;
    std::size_t client_hello_padding = 0;  ///< the size of an extension that stands in for a post-quantum key share
  };

  OpenSslClient(const transport::Certificate& certificate, Options options)
      : options_(std::move(options)), context_(SSL_CTX_new(DTLS_client_method())) {
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sockets_.data()) != 0) throw std::runtime_error("no socket pair");
    SSL_CTX* const context = context_.get();
    if (options_.with_certificate) {
      SSL_CTX_use_certificate(context, SSL_CTX_get0_certificate(certificate.context()));
      SSL_CTX_use_PrivateKey(context, SSL_CTX_get0_privatekey(certificate.context()));
    }
    if (options_.client_hello_padding > 0)
      SSL_CTX_add_custom_ext(context, 0xfe01, SSL_EXT_CLIENT_HELLO, add_padding, nullptr, this, nullptr, nullptr);
    ssl_.reset(SSL_new(context));
    BIO* const bio = BIO_new_socket(sockets_[0], BIO_NOCLOSE);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_options(ssl_.get(), SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(ssl_.get(), 1200);
    SSL_set_connect_state(ssl_.get());
    if (!options_.srtp_profiles.empty()) SSL_set_tlsext_use_srtp(ssl_.get(), options_.srtp_profiles.c_str());
  }
  OpenSslClient(const OpenSslClient&) = delete;
  OpenSslClient& operator=(const OpenSslClient&) = delete;
  ~OpenSslClient() {
    for (const int socket : sockets_) close(socket);
  }

  /// Hands it what has arrived and gives what it sends.
  std::vector<Buffer> step(const std::vector<Buffer>& arrived = {}) {
    for (const Buffer& datagram : arrived) (void)!write(sockets_[1], datagram.data(), datagram.size());
    if (SSL_do_handshake(ssl_.get()) == 1) {
      std::array<char, 2048> data{};
      while (SSL_read(ssl_.get(), data.data(), static_cast<int>(data.size())) > 0) continue;
    }
    return sent();
  }

  std::vector<Buffer> send_data(Bytes data) {
    SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size()));
    return sent();
  }
  std::vector<Buffer> close_notify() {
    SSL_shutdown(ssl_.get());
    return sent();
  }

  bool connected() const { return SSL_is_init_finished(ssl_.get()); }
  bool closed() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string srtp_profile() const {
    const SRTP_PROTECTION_PROFILE* const chosen = SSL_get_selected_srtp_profile(ssl_.get());
    return chosen ? chosen->name : "";
  }
  /// `size` bytes of RFC 5764's exporter.
  Buffer srtp_material(std::size_t size) const {
    Buffer material(size);
    SSL_export_keying_material(ssl_.get(), material.data(), size, "EXTRACTOR-dtls_srtp", 19, nullptr, 0, 0);
    return material;
  }

 private:
  static int add_padding(SSL*, unsigned int, unsigned int, const unsigned char** out, std::size_t* size, X509*, std::size_t, int*,
                         void* self) {
    static const Buffer zeros(4096);
    *out = zeros.data();
    *size = static_cast<OpenSslClient*>(self)->options_.client_hello_padding;
    return 1;
  }

  std::vector<Buffer> sent() {
    std::vector<Buffer> datagrams;
    std::array<std::uint8_t, 2048> data{};
    for (;;) {
      const ssize_t size = read(sockets_[1], data.data(), data.size());
      if (size <= 0) return datagrams;
      datagrams.emplace_back(data.begin(), data.begin() + size);
    }
  }

  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Options options_;
  std::array<int, 2> sockets_{-1, -1};
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace parley::test
