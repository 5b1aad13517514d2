#pragma once
// Secure RTP (RFC 3711; AES-GCM by RFC 7714) over libsrtp2: one instance holds both directions of one DTLS association.
// An SSRC's state (rollover counter, replay window) is made when it is first heard or sent.

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>

#include "sfu/base/bytes.hpp"
#include "sfu/base/drop_reason.hpp"
#include "sfu/base/ids.hpp"

struct srtp_ctx_t_;

namespace parley::transport {

/// The values of the use_srtp extension (RFC 5764 section 4.1.2 and RFC 7714 section 14.2).
enum class SrtpProfile : std::uint16_t { aes128_cm_sha1_80 = 0x0001, aead_aes_128_gcm = 0x0007 };

/// What the DTLS exporter gave, seen from our side. Each Buffer is the master key followed by the master salt: 16 + 14 bytes
/// for aes128_cm_sha1_80, 16 + 12 for aead_aes_128_gcm.
struct SrtpKeys {
  SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
  Buffer send;
  Buffer receive;
};

class Srtp {
 public:
  /// How many bytes a protected packet may be longer than the plain one.
  static constexpr std::size_t overhead = 32;
  /// Incoming SSRCs with state of their own, about 500 bytes and one step of a linear search each. A busy publisher has a dozen;
  /// an authenticated peer that makes them up must not fill the memory.
  static constexpr std::size_t max_incoming_ssrcs = 256;

  /// Throws std::invalid_argument when a key has the wrong size.
  explicit Srtp(const SrtpKeys& keys);

  /// Writes the packet's two halves into `slot` and encrypts them there. Its size, or nothing when the packet is no RTP or does
  /// not fit. A sequence number may be sent again only with exactly the same bytes: AES-GCM breaks otherwise.
  std::optional<std::size_t> protect_rtp(Bytes header, Bytes payload, MutableBytes slot);
  std::optional<std::size_t> protect_rtcp(Bytes packet, MutableBytes slot);

  /// Decrypts in place: the plain packet at the front of `packet`, or an empty span and the reason counted.
  MutableBytes unprotect_rtp(MutableBytes packet, Drops& drops);
  MutableBytes unprotect_rtcp(MutableBytes packet, Drops& drops);

  /// Frees the state of an SSRC in both directions. It must not be sent with again: its packet index would start anew.
  void remove_stream(Ssrc ssrc);

 private:
  struct FreeSession {
    void operator()(srtp_ctx_t_* session) const;
  };
  using Session = std::unique_ptr<srtp_ctx_t_, FreeSession>;
  enum class Kind : std::uint8_t { rtp, rtcp };
  static Session make_session(SrtpProfile profile, Bytes key, bool outgoing);
  std::optional<std::size_t> protect(Kind kind, std::size_t size, MutableBytes slot);
  MutableBytes unprotect(Kind kind, Ssrc ssrc, MutableBytes packet, Drops& drops);

  Session outgoing_;
  Session incoming_;
  std::unordered_set<Ssrc> heard_;
};

}  // namespace parley::transport
