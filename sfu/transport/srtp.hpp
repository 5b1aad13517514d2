#pragma once
// Secure RTP (RFC 3711; AES-GCM by RFC 7714): one instance holds both directions of one DTLS association. An SSRC's state
// (rollover counter, replay window) is made when it is first heard or sent. How a packet is encrypted is in srtp_transform.hpp.

#include <cstdint>
#include <memory>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/drop_reason.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/transport/cipher.hpp"
#include "sfu/transport/packet_index.hpp"
#include "sfu/transport/srtp_transform.hpp"
#include "sfu/transport/ssrc_table.hpp"

namespace parley::transport {

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
  /// Incoming SSRCs with state of their own, about 300 bytes each. A busy publisher has a dozen; an authenticated peer that makes
  /// them up must not fill the memory.
  static constexpr std::size_t max_incoming_ssrcs = 256;

  /// `cipher` must outlive it. Throws std::invalid_argument when a key has the wrong size.
  Srtp(Cipher& cipher, const SrtpKeys& keys);

  /// Writes the protected packet into `slot`. `header` is at least all of the RTP header, with CSRCs and extensions, and may go
  /// on into the payload; it may stand at the front of `slot` already. The packet's size, or nothing when this is no RTP or does
  /// not fit. It is complete after Cipher::flush(): until then the slot must stay where it is. A sequence number may be
  /// sent again only with exactly the same bytes: AES-GCM breaks otherwise.
  std::optional<std::size_t> protect_rtp(Bytes header, Bytes payload, MutableBytes slot);
  /// protect_rtp() will be called soon.
  void expect() const {
    sent_.expect();
    outgoing_->expect();
  }
  /// Complete at once.
  std::optional<std::size_t> protect_rtcp(Bytes packet, MutableBytes slot);

  /// Decrypts in place: the plain packet at the front of `packet`, or an empty span and the reason counted.
  MutableBytes unprotect_rtp(MutableBytes packet, Drops& drops);
  MutableBytes unprotect_rtcp(MutableBytes packet, Drops& drops);

  /// Frees the state of an SSRC in both directions. It must not be sent with again: its packet index would start anew.
  void remove_stream(Ssrc ssrc);

 private:
  struct Sent {
    std::optional<std::uint64_t> highest;
    std::uint64_t next_report = 0;
  };
  struct Heard {
    ReplayWindow packets;
    ReplayWindow reports;
  };
  const Heard* find_heard(Ssrc ssrc);
  Heard& hear(Ssrc ssrc);
  /// Nothing, or why the packet cannot be taken.
  std::optional<DropReason> unprotect_rtp(MutableBytes packet);
  std::optional<DropReason> unprotect_rtcp(MutableBytes packet);

  std::unique_ptr<SrtpTransform> outgoing_;
  std::unique_ptr<SrtpTransform> incoming_;
  SsrcTable<Sent> sent_;
  SsrcTable<std::unique_ptr<Heard>> heard_;
};

}  // namespace parley::transport
