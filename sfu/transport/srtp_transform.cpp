#include "sfu/transport/srtp_transform.hpp"

#include <algorithm>

#include "sfu/base/crypto.hpp"
#include "sfu/base/prefetch.hpp"

namespace parley::transport {

namespace {

/// The E flag of the word that carries the SRTCP index (RFC 3711 section 3.4): the packet is encrypted.
constexpr std::uint32_t encrypted_flag = 0x80000000;
constexpr std::size_t index_word_size = 4;

std::uint32_t index_word(const PacketId& id) { return encrypted_flag | static_cast<std::uint32_t>(id.index); }

std::optional<std::uint64_t> read_index(Bytes word) {
  const std::uint32_t value = Reader(word).u32();
  if ((value & encrypted_flag) == 0) return std::nullopt;
  return value & ~encrypted_flag;
}

/// AEAD_AES_128_GCM: RFC 7714.
class alignas(cache_line) GcmTransform final : public SrtpTransform {
 public:
  GcmTransform(Cipher& cipher, const SessionKeyPair& keys)
      : rtp_(cipher.make_gcm_key(keys.rtp.encryption)),
        rtcp_(cipher.make_gcm_key(keys.rtcp.encryption)),
        rtp_salt_(salt(keys.rtp)),
        rtcp_salt_(salt(keys.rtcp)) {}

  void expect() const override { rtp_->expect(); }
  std::size_t rtp_overhead() const override { return GcmKey::tag_size; }
  std::size_t rtcp_overhead() const override { return GcmKey::tag_size + index_word_size; }

  void protect_rtp(const PacketId& id, MutableBytes packet, std::size_t clear, Bytes plain) override {
    rtp_->seal(iv(rtp_salt_, id), packet.first(clear), plain, packet.subspan(clear));
  }
  void protect_rtcp(const PacketId& id, MutableBytes packet) override {
    const MutableBytes sealed = rtcp_sealed(packet);
    rtcp_->seal(iv(rtcp_salt_, id), rtcp_associated(id, packet), sealed.first(sealed.size() - GcmKey::tag_size), sealed);
    Writer(packet.last(index_word_size)).u32(index_word(id));
  }
  bool unprotect_rtp(const PacketId& id, MutableBytes packet, std::size_t clear) override {
    return rtp_->open(iv(rtp_salt_, id), packet.first(clear), packet.subspan(clear));
  }
  bool unprotect_rtcp(const PacketId& id, MutableBytes packet) override {
    return rtcp_->open(iv(rtcp_salt_, id), rtcp_associated(id, packet), rtcp_sealed(packet));
  }
  std::optional<std::uint64_t> rtcp_index(Bytes packet) const override { return read_index(packet.last(index_word_size)); }

 private:
  static GcmKey::Iv salt(const SessionKeys& keys) {
    GcmKey::Iv salt;
    std::ranges::copy_n(keys.salt.begin(), salt.size(), salt.begin());
    return salt;
  }
  /// RFC 7714 sections 8.1 and 9.1: two zero bytes, the SSRC, 48 bits of index; xor the salt.
  static GcmKey::Iv iv(const GcmKey::Iv& salt, const PacketId& id) {
    // In whole words that stay in registers: to read back what was just written byte by byte, the processor waits until
    // everything before it has reached the memory.
    Reader reader(salt);
    const std::uint64_t front = reader.u64() ^ (std::uint64_t{id.ssrc.value} << 16 | (id.index >> 32 & 0xFFFF));
    const std::uint32_t back = reader.u32() ^ static_cast<std::uint32_t>(id.index);
    GcmKey::Iv iv;
    Writer(iv).u64(front).u32(back);
    return iv;
  }
  static MutableBytes rtcp_sealed(MutableBytes packet) {
    return packet.subspan(rtcp_clear_size, packet.size() - rtcp_clear_size - index_word_size);
  }
  /// RFC 7714 section 9.2: the header and, from behind the tag, the word with the index.
  static std::array<std::uint8_t, rtcp_clear_size + index_word_size> rtcp_associated(const PacketId& id, Bytes packet) {
    std::array<std::uint8_t, rtcp_clear_size + index_word_size> associated;
    Writer(associated).bytes(packet.first(rtcp_clear_size)).u32(index_word(id));
    return associated;
  }

  std::unique_ptr<GcmKey> rtp_;
  std::unique_ptr<GcmKey> rtcp_;
  GcmKey::Iv rtp_salt_;
  GcmKey::Iv rtcp_salt_;
};

/// AES128_CM_HMAC_SHA1_80: RFC 3711.
class CounterModeTransform final : public SrtpTransform {
 public:
  CounterModeTransform(Cipher& cipher, const SessionKeyPair& keys)
      : rtp_(cipher.make_counter_mode_key(keys.rtp.encryption, keys.rtp.authentication)),
        rtcp_(cipher.make_counter_mode_key(keys.rtcp.encryption, keys.rtcp.authentication)),
        rtp_salt_(keys.rtp.salt),
        rtcp_salt_(keys.rtcp.salt) {}

  void expect() const override {}
  std::size_t rtp_overhead() const override { return tag_size; }
  std::size_t rtcp_overhead() const override { return index_word_size + tag_size; }

  void protect_rtp(const PacketId& id, MutableBytes packet, std::size_t clear, Bytes plain) override {
    rtp_->crypt(iv(rtp_salt_, id), plain, packet.subspan(clear, plain.size()));
    rtp_->authenticate_later(with_rollovers(id, packet), packet.last(tag_size));
  }
  void protect_rtcp(const PacketId& id, MutableBytes packet) override {
    const MutableBytes text = rtcp_text(packet);
    rtcp_->crypt(iv(rtcp_salt_, id), text, text);
    Writer(packet.last(index_word_size + tag_size)).u32(index_word(id));
    std::ranges::copy(rtcp_->authenticate(packet.first(packet.size() - tag_size)), packet.last(tag_size).begin());
  }
  bool unprotect_rtp(const PacketId& id, MutableBytes packet, std::size_t clear) override {
    CounterModeKey::Tag tag;
    std::ranges::copy(packet.last(tag_size), tag.begin());
    if (!equal_in_constant_time(tag, rtp_->authenticate(with_rollovers(id, packet)))) return false;
    const MutableBytes text = packet.subspan(clear, packet.size() - clear - tag_size);
    rtp_->crypt(iv(rtp_salt_, id), text, text);
    return true;
  }
  bool unprotect_rtcp(const PacketId& id, MutableBytes packet) override {
    if (!equal_in_constant_time(packet.last(tag_size), rtcp_->authenticate(packet.first(packet.size() - tag_size)))) return false;
    const MutableBytes text = rtcp_text(packet);
    rtcp_->crypt(iv(rtcp_salt_, id), text, text);
    return true;
  }
  std::optional<std::uint64_t> rtcp_index(Bytes packet) const override {
    return read_index(packet.last(index_word_size + tag_size).first(index_word_size));
  }

 private:
  using Salt = std::array<std::uint8_t, 14>;
  static constexpr std::size_t tag_size = CounterModeKey::tag_size;

  /// RFC 3711 section 4.1.1: the salt, xor the SSRC in bytes 4 to 7 and the index in bytes 8 to 13; then the block counter.
  static CounterModeKey::Iv iv(const Salt& salt, const PacketId& id) {
    Reader reader(salt);
    const std::uint64_t front = reader.u64() ^ id.ssrc.value;
    const std::uint64_t back = (reader.u32() * (std::uint64_t{1} << 32) | std::uint64_t{reader.u16()} << 16) ^ id.index << 16;
    CounterModeKey::Iv iv;
    Writer(iv).u64(front).u64(back);
    return iv;
  }
  /// RFC 3711 section 4.2: what is authenticated ends with the rollover counter, which is not sent. It is written to where the
  /// tag belongs.
  static Bytes with_rollovers(const PacketId& id, MutableBytes packet) {
    Writer(packet.last(tag_size)).u32(static_cast<std::uint32_t>(id.index >> 16));
    return packet.first(packet.size() - tag_size + sizeof(std::uint32_t));
  }
  static MutableBytes rtcp_text(MutableBytes packet) {
    return packet.subspan(rtcp_clear_size, packet.size() - rtcp_clear_size - index_word_size - tag_size);
  }

  std::unique_ptr<CounterModeKey> rtp_;
  std::unique_ptr<CounterModeKey> rtcp_;
  Salt rtp_salt_;
  Salt rtcp_salt_;
};

/// The labels of RFC 3711 section 4.3.1 and 4.3.2.
enum class Label : std::uint8_t { rtp = 0, rtcp = 3 };

SessionKeys derive(CounterModeKey& master, Bytes master_salt, Label first, std::size_t salt_size) {
  const auto derive_one = [&](std::uint8_t offset, MutableBytes out) {
    CounterModeKey::Iv iv{};
    Writer(iv).bytes(master_salt);  // RFC 7714 section 11: a shorter salt is followed by zeros
    iv[7] ^= static_cast<std::uint8_t>(static_cast<std::uint8_t>(first) + offset);
    std::ranges::fill(out, std::uint8_t{0});
    master.crypt(iv, out, out);
  };
  SessionKeys keys;
  derive_one(0, keys.encryption);
  derive_one(1, keys.authentication);
  derive_one(2, MutableBytes(keys.salt).first(salt_size));
  return keys;
}

}  // namespace

SessionKeyPair derive_session_keys(Cipher& cipher, SrtpProfile profile, Bytes master) {
  Cipher::Key key;
  std::ranges::copy_n(master.begin(), key.size(), key.begin());
  const auto prf = cipher.make_counter_mode_key(key, {});
  const Bytes salt = master.subspan(key.size());
  return {derive(*prf, salt, Label::rtp, salt_size(profile)), derive(*prf, salt, Label::rtcp, salt_size(profile))};
}

std::unique_ptr<SrtpTransform> make_transform(Cipher& cipher, SrtpProfile profile, const SessionKeyPair& keys) {
  if (profile == SrtpProfile::aead_aes_128_gcm) return std::make_unique<GcmTransform>(cipher, keys);
  return std::make_unique<CounterModeTransform>(cipher, keys);
}

}  // namespace parley::transport
