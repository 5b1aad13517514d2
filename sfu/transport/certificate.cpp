#include "sfu/transport/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <vector>

namespace parley::transport {

namespace {

template <auto Function>
struct Free {
  template <typename Object>
  void operator()(Object* object) const {
    Function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using X509Certificate = std::unique_ptr<X509, Free<X509_free>>;

void require(bool success, const char* what) {
  if (!success) throw std::runtime_error(std::string("OpenSSL could not ") + what);
}

X509Certificate self_sign(EVP_PKEY* key) {
  X509Certificate certificate(X509_new());
  X509* const x509 = certificate.get();
  std::uint32_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "make random bytes");
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial);
  // WebRTC looks at no dates, and fixed ones keep the clock out.
  ASN1_TIME_set_string_X509(X509_getm_notBefore(x509), "20200101000000Z");
  ASN1_TIME_set_string_X509(X509_getm_notAfter(x509), "20491231235959Z");
  X509_NAME* const subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("parley"), -1, -1, 0);
  X509_set_issuer_name(x509, subject);
  X509_set_pubkey(x509, key);
  require(X509_sign(x509, key, EVP_sha256()) > 0, "sign the certificate");
  return certificate;
}

Fingerprint fingerprint_of(const X509* certificate) {
  Fingerprint fingerprint{.algorithm = "sha-256", .digest = Buffer(32)};
  unsigned int size = 0;
  require(X509_digest(certificate, EVP_sha256(), fingerprint.digest.data(), &size) == 1, "digest the certificate");
  return fingerprint;
}

}  // namespace

void Certificate::FreeContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Certificate Certificate::make() {
  const Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "make a key");
  const X509Certificate certificate = self_sign(key.get());
  Context context(SSL_CTX_new(DTLS_method()));
  require(context && SSL_CTX_use_certificate(context.get(), certificate.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1,
          "make a DTLS context");
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return Certificate(std::move(context), fingerprint_of(certificate.get()));
}

}  // namespace parley::transport
