#pragma once
// The certificate by which a worker proves who it is in DTLS. WebRTC trusts no authority: the SDP carries the fingerprint, so
// the certificate is self-signed and lives as long as the process (RFC 8827 section 6.5).

#include <memory>
#include <string>
#include <utility>

#include "sfu/base/bytes.hpp"

struct ssl_ctx_st;

namespace parley::transport {

/// `a=fingerprint` (RFC 8122).
struct Fingerprint {
  std::string algorithm;  ///< lower case: "sha-256", or what else a peer uses
  Buffer digest;
  bool operator==(const Fingerprint&) const = default;
};

/// A self-signed ECDSA P-256 certificate with its key and the OpenSSL context of all DTLS associations that present it.
class Certificate {
 public:
  /// Takes its randomness from OpenSSL, and no clock. Throws std::runtime_error when OpenSSL refuses.
  static Certificate make();

  /// SHA-256 over the DER form.
  const Fingerprint& fingerprint() const { return fingerprint_; }
  /// For Dtls alone.
  ssl_ctx_st* context() const { return context_.get(); }

 private:
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, FreeContext>;
  Certificate(Context context, Fingerprint fingerprint) : context_(std::move(context)), fingerprint_(std::move(fingerprint)) {}

  Context context_;
  Fingerprint fingerprint_;
};

}  // namespace parley::transport
