// OpenSSL calls these functions deprecated and keeps them. What should replace them, EVP_MAC, allocates memory for each message
// and takes longer to begin than SHA-1 takes for a short packet.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "sfu/transport/hmac_sha1.hpp"

#include <openssl/sha.h>

namespace parley::transport {

namespace {

SHA_CTX resume(const HmacSha1::State& state) {
  SHA_CTX context{};
  context.h0 = state[0];
  context.h1 = state[1];
  context.h2 = state[2];
  context.h3 = state[3];
  context.h4 = state[4];
  context.Nl = 8 * SHA_CBLOCK;  // the bits that were hashed
  return context;
}

HmacSha1::State after_padding(Bytes key, std::uint8_t padding) {
  std::array<std::uint8_t, SHA_CBLOCK> block{};
  Writer(block).bytes(key);
  for (auto& byte : block) byte ^= padding;
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Transform(&context, block.data());
  return {context.h0, context.h1, context.h2, context.h3, context.h4};
}

}  // namespace

HmacSha1::HmacSha1(Bytes key) : inner_(after_padding(key, 0x36)), outer_(after_padding(key, 0x5c)) {}

std::array<std::uint8_t, HmacSha1::size> HmacSha1::authenticate(Bytes message) const {
  std::array<std::uint8_t, size> digest;
  SHA_CTX inner = resume(inner_);
  SHA1_Update(&inner, message.data(), message.size());
  SHA1_Final(digest.data(), &inner);
  SHA_CTX outer = resume(outer_);
  SHA1_Update(&outer, digest.data(), digest.size());
  SHA1_Final(digest.data(), &outer);
  return digest;
}

}  // namespace parley::transport
