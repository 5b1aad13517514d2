#pragma once
// The cryptography that SRTP needs, as keys that are made once and used for each packet. Two libraries can stand behind it:
// intel-ipsec-mb, made for this work and several times faster, where it is installed and the processor has the instructions; and
// OpenSSL everywhere. Their output is equal bit for bit. What is fast and ugly lives in ipsec_mb_cipher.cpp and
// openssl_cipher.cpp; how packets are built from it is in srtp_transform.cpp.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "sfu/base/bytes.hpp"

namespace parley::transport {

/// AES-128-GCM (NIST SP 800-38D) under one key.
class GcmKey {
 public:
  static constexpr std::size_t tag_size = 16;
  using Iv = std::array<std::uint8_t, 12>;

  GcmKey() = default;
  GcmKey(const GcmKey&) = delete;
  GcmKey& operator=(const GcmKey&) = delete;
  virtual ~GcmKey() = default;

  /// seal() will be called soon.
  virtual void expect() const {}
  /// Writes the encrypted `plain` and the tag behind it. `out` has exactly that size, and may begin where `plain` does.
  virtual void seal(const Iv& iv, Bytes associated, Bytes plain, MutableBytes out) = 0;
  /// Decrypts in place; the last 16 bytes of `sealed` are the tag. False when it is wrong: then what is there means nothing.
  virtual bool open(const Iv& iv, Bytes associated, MutableBytes sealed) = 0;
};

/// AES-128 in counter mode and HMAC-SHA1 under one pair of keys.
class CounterModeKey {
 public:
  /// What SRTP keeps of the HMAC's 20 bytes.
  static constexpr std::size_t tag_size = 10;
  using Iv = std::array<std::uint8_t, 16>;
  using Tag = std::array<std::uint8_t, tag_size>;

  CounterModeKey() = default;
  CounterModeKey(const CounterModeKey&) = delete;
  CounterModeKey& operator=(const CounterModeKey&) = delete;
  virtual ~CounterModeKey() = default;

  /// Encrypts or decrypts, which is the same. `out` has the size of `in`, and may begin where it does.
  virtual void crypt(const Iv& iv, Bytes in, MutableBytes out) = 0;
  virtual Tag authenticate(Bytes message) = 0;
  /// As authenticate(), but the tag may be written as late as Cipher::flush(), together with others. Both spans must live until
  /// then; the tag may lie over the message's end.
  virtual void authenticate_later(Bytes message, MutableBytes tag) = 0;
};

/// Makes keys; one for each Engine. It must outlive them.
class Cipher {
 public:
  using Key = std::array<std::uint8_t, 16>;
  using AuthenticationKey = std::array<std::uint8_t, 20>;

  Cipher() = default;
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;
  virtual ~Cipher() = default;

  virtual std::string_view name() const = 0;
  virtual std::unique_ptr<GcmKey> make_gcm_key(const Key& key) = 0;
  virtual std::unique_ptr<CounterModeKey> make_counter_mode_key(const Key& key, const AuthenticationKey& authentication) = 0;
  /// Writes all tags that are due. A machine's entry points do it before they return, with a Turn.
  virtual void flush() = 0;

  /// Flushes at the end of its scope.
  class Turn {
   public:
    explicit Turn(Cipher& cipher) : cipher_(cipher) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { cipher_.flush(); }

   private:
    Cipher& cipher_;
  };
};

/// The fastest that this machine has.
std::unique_ptr<Cipher> make_cipher();
std::unique_ptr<Cipher> make_openssl_cipher();
/// Null when it was not there to build with, or when the processor lacks AES-NI, PCLMULQDQ or AVX.
std::unique_ptr<Cipher> make_ipsec_mb_cipher();

}  // namespace parley::transport
