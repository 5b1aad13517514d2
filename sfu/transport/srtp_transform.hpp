#pragma once
// How SRTP lays out a protected packet under one profile, in one direction: what is encrypted, what is authenticated, where the
// tag and SRTCP's index are, and how the IV is made. RFC 3711 sections 3.1, 3.4 and 4.1.1; RFC 7714 sections 8 and 9.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/transport/cipher.hpp"

namespace parley::transport {

/// The values of the use_srtp extension (RFC 5764 section 4.1.2 and RFC 7714 section 14.2).
enum class SrtpProfile : std::uint16_t { aes128_cm_sha1_80 = 0x0001, aead_aes_128_gcm = 0x0007 };

/// What one key protects, and nothing else ever does.
struct PacketId {
  Ssrc ssrc;
  std::uint64_t index = 0;  ///< 48 bits for RTP, 31 for RTCP
};

class SrtpTransform {
 public:
  SrtpTransform() = default;
  SrtpTransform(const SrtpTransform&) = delete;
  SrtpTransform& operator=(const SrtpTransform&) = delete;
  virtual ~SrtpTransform() = default;

  /// protect_rtp() will be called soon.
  virtual void expect() const = 0;
  /// How much longer packets become.
  virtual std::size_t rtp_overhead() const = 0;
  virtual std::size_t rtcp_overhead() const = 0;

  /// The first `clear` bytes of `packet` stay as they are and are authenticated; `plain` is encrypted to behind them, from
  /// anywhere, or from where it belongs. `packet` has the size that the protected packet will have. The tag may be written as
  /// late as Cipher::flush().
  virtual void protect_rtp(const PacketId& id, MutableBytes packet, std::size_t clear, Bytes plain) = 0;
  /// In place: `packet` begins with the plain one, and has room for the overhead.
  virtual void protect_rtcp(const PacketId& id, MutableBytes packet) = 0;

  /// In place: what is left of a good packet is the front of it, without the overhead. False: it was forged or damaged.
  virtual bool unprotect_rtp(const PacketId& id, MutableBytes packet, std::size_t clear) = 0;
  virtual bool unprotect_rtcp(const PacketId& id, MutableBytes packet) = 0;
  /// The index that the packet names; nothing when it says that it is not encrypted.
  virtual std::optional<std::uint64_t> rtcp_index(Bytes packet) const = 0;
};

/// The first bytes of an RTCP packet, which stay clear.
constexpr std::size_t rtcp_clear_size = 8;

/// What is derived from a master key for RTP, or for RTCP. The salt of AES-GCM has 12 bytes only, and no authentication key is
/// used.
struct SessionKeys {
  Cipher::Key encryption{};
  Cipher::AuthenticationKey authentication{};
  std::array<std::uint8_t, 14> salt{};
};

struct SessionKeyPair {
  SessionKeys rtp;
  SessionKeys rtcp;
};

constexpr std::size_t salt_size(SrtpProfile profile) { return profile == SrtpProfile::aead_aes_128_gcm ? 12 : 14; }
constexpr std::size_t master_key_size(SrtpProfile profile) { return sizeof(Cipher::Key) + salt_size(profile); }

/// RFC 3711 section 4.3, with a key derivation rate of 0: once. `master` is key and salt, of master_key_size().
SessionKeyPair derive_session_keys(Cipher& cipher, SrtpProfile profile, Bytes master);

std::unique_ptr<SrtpTransform> make_transform(Cipher& cipher, SrtpProfile profile, const SessionKeyPair& keys);

}  // namespace parley::transport
