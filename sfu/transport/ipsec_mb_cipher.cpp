// intel-ipsec-mb hashes up to 16 messages at a time, each in its lane of the vector registers; HMAC-SHA1 alone would keep one
// lane busy and let the others idle. So authenticate_later() collects, and the batch is done when it is full or at flush().

#include "sfu/transport/cipher.hpp"

#ifdef PARLEY_HAS_IPSEC_MB

#include <intel-ipsec-mb.h>

#include <algorithm>
#include <stdexcept>

#include "sfu/base/crypto.hpp"
#include "sfu/base/prefetch.hpp"
#include "sfu/transport/hmac_sha1.hpp"

namespace parley::transport {

namespace {

struct FreeManager {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, FreeManager>;

class IpsecMbGcmKey final : public GcmKey {
 public:
  IpsecMbGcmKey(IMB_MGR* manager, const Cipher::Key& key) : manager_(manager) {
    IMB_AES128_GCM_PRE(manager_, key.data(), &schedule_);
  }

  void expect() const override { prefetch(&schedule_, used_for_short_packets); }
  void seal(const Iv& iv, Bytes associated, Bytes plain, MutableBytes out) override {
    gcm_context_data context;
    IMB_AES128_GCM_ENC(manager_, &schedule_, &context, out.data(), plain.data(), plain.size(), iv.data(), associated.data(),
                       associated.size(), out.last(tag_size).data(), tag_size);
  }
  bool open(const Iv& iv, Bytes associated, MutableBytes sealed) override {
    gcm_context_data context;
    std::array<std::uint8_t, tag_size> tag;
    IMB_AES128_GCM_DEC(manager_, &schedule_, &context, sealed.data(), sealed.data(), sealed.size() - tag_size, iv.data(),
                       associated.data(), associated.size(), tag.data(), tag.size());
    return equal_in_constant_time(tag, sealed.last(tag_size));
  }

 private:
  /// Round keys, and the powers of the hash key for some blocks.
  static constexpr std::size_t used_for_short_packets = 512;
  IMB_MGR* manager_;
  gcm_key_data schedule_;
};

/// The tags that are due.
class TagBatch {
 public:
  explicit TagBatch(IMB_MGR* manager) : manager_(manager) {
    for (std::size_t i = 0; i < capacity; ++i) {
      IMB_JOB& job = jobs_[i];
      job.hash_alg = IMB_AUTH_HMAC_SHA_1;
      job.cipher_mode = IMB_CIPHER_NULL;
      job.cipher_direction = IMB_DIR_ENCRYPT;
      job.chain_order = IMB_ORDER_HASH_CIPHER;
      job.auth_tag_output = tags_[i].data();
      job.auth_tag_output_len_in_bytes = tags_[i].size();
    }
  }

  void add(const HmacSha1& key, Bytes message, MutableBytes tag) {
    IMB_JOB& job = jobs_[count_];
    job.src = message.data();
    job.msg_len_to_hash_in_bytes = message.size();
    job.u.HMAC._hashed_auth_key_xor_ipad = reinterpret_cast<const std::uint8_t*>(key.inner().data());
    job.u.HMAC._hashed_auth_key_xor_opad = reinterpret_cast<const std::uint8_t*>(key.outer().data());
    due_[count_] = {&key, message, tag.data()};
    if (++count_ == capacity) flush();
  }

  void flush() {
    const std::uint32_t rest = count_ % lanes;
    const std::uint32_t together = rest < worth_the_lanes ? count_ - rest : count_;
    if (together > 0) IMB_SUBMIT_HASH_BURST_NOCHECK(manager_, jobs_.data(), together, IMB_AUTH_HMAC_SHA_1);
    for (std::uint32_t i = together; i < count_; ++i) tags_[i] = due_[i].key->authenticate(due_[i].message);
    for (std::uint32_t i = 0; i < count_; ++i) std::ranges::copy_n(tags_[i].begin(), CounterModeKey::tag_size, due_[i].tag);
    count_ = 0;
  }

 private:
  /// Four full passes, as measured; more gains nothing.
  static constexpr std::uint32_t capacity = 64;
  /// Of AVX-512. One pass over the lanes takes as long as five messages one by one, however few of them are used.
  static constexpr std::uint32_t lanes = 16;
  static constexpr std::uint32_t worth_the_lanes = 5;
  struct Due {
    const HmacSha1* key;
    Bytes message;
    std::uint8_t* tag;
  };
  IMB_MGR* manager_;
  std::uint32_t count_ = 0;
  std::array<IMB_JOB, capacity> jobs_{};
  std::array<std::array<std::uint8_t, HmacSha1::size>, capacity> tags_{};
  std::array<Due, capacity> due_{};
};

class IpsecMbCounterModeKey final : public CounterModeKey {
 public:
  IpsecMbCounterModeKey(IMB_MGR* manager, TagBatch& due, const Cipher::Key& key, const Cipher::AuthenticationKey& authentication)
      : manager_(manager), due_(due), hmac_(authentication) {
    Schedule unused;
    IMB_AES_KEYEXP_128(manager_, key.data(), schedule_.data(), unused.data());
  }
  // What is due reads the key.
  ~IpsecMbCounterModeKey() override { due_.flush(); }

  void crypt(const Iv& iv, Bytes in, MutableBytes out) override {
    if (in.empty()) return;
    IMB_JOB job;
    job.cipher_mode = IMB_CIPHER_CNTR;
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.enc_keys = schedule_.data();
    job.key_len_in_bytes = IMB_KEY_128_BYTES;
    job.iv = iv.data();
    job.iv_len_in_bytes = iv.size();
    job.src = in.data();
    job.dst = out.data();
    job.cipher_start_src_offset_in_bytes = 0;
    job.msg_len_to_cipher_in_bytes = in.size();
    IMB_SUBMIT_CIPHER_BURST_NOCHECK(manager_, &job, 1, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES);
  }
  Tag authenticate(Bytes message) override {
    Tag tag;
    std::ranges::copy_n(hmac_.authenticate(message).begin(), tag_size, tag.begin());
    return tag;
  }
  void authenticate_later(Bytes message, MutableBytes tag) override { due_.add(hmac_, message, tag); }

 private:
  struct alignas(16) Schedule : std::array<std::uint8_t, 11 * 16> {};
  IMB_MGR* manager_;
  TagBatch& due_;
  Schedule schedule_;
  HmacSha1 hmac_;
};

class IpsecMbCipher final : public Cipher {
 public:
  explicit IpsecMbCipher(Manager manager) : manager_(std::move(manager)), due_(manager_.get()) {}

  std::string_view name() const override { return "intel-ipsec-mb"; }
  std::unique_ptr<GcmKey> make_gcm_key(const Key& key) override { return std::make_unique<IpsecMbGcmKey>(manager_.get(), key); }
  std::unique_ptr<CounterModeKey> make_counter_mode_key(const Key& key, const AuthenticationKey& authentication) override {
    return std::make_unique<IpsecMbCounterModeKey>(manager_.get(), due_, key, authentication);
  }
  void flush() override { due_.flush(); }

 private:
  Manager manager_;
  TagBatch due_;
};

}  // namespace

std::unique_ptr<Cipher> make_ipsec_mb_cipher() {
  constexpr std::uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_AVX;
  Manager manager(alloc_mb_mgr(0));
  if (!manager || (manager->features & needed) != needed) return nullptr;
  init_mb_mgr_auto(manager.get(), nullptr);
  if (imb_get_errno(manager.get()) != 0) return nullptr;
  return std::make_unique<IpsecMbCipher>(std::move(manager));
}

}  // namespace parley::transport

#else

namespace parley::transport {

std::unique_ptr<Cipher> make_ipsec_mb_cipher() { return nullptr; }

}  // namespace parley::transport

#endif
