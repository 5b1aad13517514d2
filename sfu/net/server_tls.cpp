#include "sfu/net/server_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

std::string stamp_of(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "none";
  return std::to_string(status.st_ino) + "/" + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec) + "/" + std::to_string(status.st_size);
}

}  // namespace

void ServerTls::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

ServerTls::ServerTls(std::string certificate, std::string key) : certificate_(std::move(certificate)), key_(std::move(key)) {
  stamp_ = stamp();
  context_ = read(certificate_, key_);
  if (!context_)
    throw SystemError::sentence("The certificate " + certificate_ + " and the key " + key_ +
                                " cannot be used: two PEM files that belong together are wanted.");
}

ServerTls::Context ServerTls::read(const std::string& certificate, const std::string& key) {
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  const bool good = SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) == 1 &&
                    SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) == 1 &&
                    SSL_CTX_check_private_key(context.get()) == 1;
  ERR_clear_error();
  return good ? std::move(context) : nullptr;
}

std::string ServerTls::stamp() const { return stamp_of(certificate_) + " " + stamp_of(key_); }

ServerTls::Change ServerTls::read_again() {
  std::string now = stamp();
  if (now == stamp_) return Change::none;
  stamp_ = std::move(now);
  Context context = read(certificate_, key_);
  if (!context) return Change::unreadable;
  context_ = std::move(context);
  return Change::read;
}

}  // namespace parley::net
