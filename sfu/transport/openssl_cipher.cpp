#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

#include "sfu/transport/cipher.hpp"
#include "sfu/transport/hmac_sha1.hpp"

namespace parley::transport {

namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

struct FreeAlgorithm {
  void operator()(EVP_CIPHER* algorithm) const { EVP_CIPHER_free(algorithm); }
};
using Algorithm = std::unique_ptr<EVP_CIPHER, FreeAlgorithm>;

Algorithm fetch(const char* name) {
  Algorithm algorithm(EVP_CIPHER_fetch(nullptr, name, nullptr));
  if (!algorithm) throw std::runtime_error(std::string("OpenSSL lacks ") + name);
  return algorithm;
}

/// A context that keeps its key schedule: each packet gives it a new IV only.
Context make_context(const EVP_CIPHER* algorithm, const Cipher::Key& key) {
  Context context(EVP_CIPHER_CTX_new());
  if (!context || EVP_EncryptInit_ex2(context.get(), algorithm, key.data(), nullptr, nullptr) != 1)
    throw std::runtime_error("OpenSSL made no cipher context");
  return context;
}

int length(Bytes bytes) { return static_cast<int>(bytes.size()); }

class OpenSslGcmKey final : public GcmKey {
 public:
  OpenSslGcmKey(const EVP_CIPHER* algorithm, const Cipher::Key& key) : context_(make_context(algorithm, key)) {}

  void seal(const Iv& iv, Bytes associated, Bytes plain, MutableBytes out) override {
    EVP_CIPHER_CTX* const context = context_.get();
    int written = 0;
    EVP_EncryptInit_ex2(context, nullptr, nullptr, iv.data(), nullptr);
    EVP_EncryptUpdate(context, nullptr, &written, associated.data(), length(associated));
    EVP_EncryptUpdate(context, out.data(), &written, plain.data(), length(plain));
    EVP_EncryptFinal_ex(context, out.data(), &written);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, out.last(tag_size).data());
  }

  bool open(const Iv& iv, Bytes associated, MutableBytes sealed) override {
    EVP_CIPHER_CTX* const context = context_.get();
    const MutableBytes text = sealed.first(sealed.size() - tag_size);
    int written = 0;
    EVP_DecryptInit_ex2(context, nullptr, nullptr, iv.data(), nullptr);
    EVP_DecryptUpdate(context, nullptr, &written, associated.data(), length(associated));
    EVP_DecryptUpdate(context, text.data(), &written, text.data(), length(text));
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, sealed.last(tag_size).data());
    return EVP_DecryptFinal_ex(context, text.data(), &written) == 1;
  }

 private:
  Context context_;
};

class OpenSslCounterModeKey final : public CounterModeKey {
 public:
  OpenSslCounterModeKey(const EVP_CIPHER* algorithm, const Cipher::Key& key, const Cipher::AuthenticationKey& authentication)
      : context_(make_context(algorithm, key)), hmac_(authentication) {}

  void crypt(const Iv& iv, Bytes in, MutableBytes out) override {
    int written = 0;
    EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, iv.data(), nullptr);
    EVP_EncryptUpdate(context_.get(), out.data(), &written, in.data(), length(in));
  }
  Tag authenticate(Bytes message) override {
    Tag tag;
    std::ranges::copy_n(hmac_.authenticate(message).begin(), tag_size, tag.begin());
    return tag;
  }
  void authenticate_later(Bytes message, MutableBytes tag) override { std::ranges::copy(authenticate(message), tag.begin()); }

 private:
  Context context_;
  HmacSha1 hmac_;
};

class OpenSslCipher final : public Cipher {
 public:
  std::string_view name() const override { return "OpenSSL"; }
  std::unique_ptr<GcmKey> make_gcm_key(const Key& key) override { return std::make_unique<OpenSslGcmKey>(gcm_.get(), key); }
  std::unique_ptr<CounterModeKey> make_counter_mode_key(const Key& key, const AuthenticationKey& authentication) override {
    return std::make_unique<OpenSslCounterModeKey>(counter_mode_.get(), key, authentication);
  }
  void flush() override {}

 private:
  Algorithm gcm_ = fetch("AES-128-GCM");
  Algorithm counter_mode_ = fetch("AES-128-CTR");
};

}  // namespace

std::unique_ptr<Cipher> make_openssl_cipher() { return std::make_unique<OpenSslCipher>(); }

}  // namespace parley::transport
