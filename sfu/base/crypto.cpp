#include "sfu/base/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

namespace parley {

namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// crc_tables[n][b] is what byte b does to the remainder when n more bytes follow it: eight bytes can be taken in one step. A
/// packet that is relayed in a Send indication may have a FINGERPRINT, over all of it.
using CrcTable = std::array<std::uint32_t, 256>;
constexpr std::array<CrcTable, 8> crc_tables = [] {
  std::array<CrcTable, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0xedb88320U : value >> 1;
    tables[0][i] = value;
  }
  for (std::size_t n = 1; n < tables.size(); ++n)
    for (std::uint32_t i = 0; i < 256; ++i) tables[n][i] = tables[n - 1][i] >> 8 ^ tables[0][tables[n - 1][i] & 0xff];
  return tables;
}();

template <std::size_t Size>
std::array<std::uint8_t, Size> hmac(const EVP_MD* digest, Bytes key, Bytes message) {
  std::array<std::uint8_t, Size> result{};
  unsigned int size = Size;
  HMAC(digest, key.data(), static_cast<int>(key.size()), message.data(), message.size(), result.data(), &size);
  return result;
}

std::string encode(Bytes bytes, std::string_view alphabet) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const auto byte : bytes) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 6; held -= 6) text += alphabet[bits >> (held - 6) & 63];
  }
  if (held > 0) text += alphabet[bits << (6 - held) & 63];
  return text;
}

}  // namespace

std::array<std::uint8_t, 20> hmac_sha1(Bytes key, Bytes message) { return hmac<20>(EVP_sha1(), key, message); }

std::array<std::uint8_t, 32> hmac_sha256(Bytes key, Bytes message) { return hmac<32>(EVP_sha256(), key, message); }

std::array<std::uint8_t, 32> sha256(Bytes message) {
  std::array<std::uint8_t, 32> result{};
  SHA256(message.data(), message.size(), result.data());
  return result;
}

std::array<std::uint8_t, 16> md5(Bytes message) {
  std::array<std::uint8_t, 16> result{};
  EVP_Digest(message.data(), message.size(), result.data(), nullptr, EVP_md5(), nullptr);
  return result;
}

bool equal_in_constant_time(Bytes left, Bytes right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string base64_encode(Bytes bytes) {
  std::string text = encode(bytes, base64_alphabet);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string base64url_encode(Bytes bytes) { return encode(bytes, base64url_alphabet); }

std::optional<Buffer> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  Buffer bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char character : text) {
    const auto value = base64url_alphabet.find(character);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  return bytes;
}

std::uint32_t crc32(Bytes bytes) {
  std::uint32_t value = 0xffffffffU;
  Reader reader(bytes);
  while (reader.remaining() >= 8) {
    // The remainder meets the first four bytes, its lowest byte the first one.
    const std::uint64_t eight = reader.u64() ^ std::uint64_t{__builtin_bswap32(value)} << 32;
    const auto part = [eight](std::size_t n) { return crc_tables[n][eight >> 8 * n & 0xff]; };
    value = part(7) ^ part(6) ^ part(5) ^ part(4) ^ part(3) ^ part(2) ^ part(1) ^ part(0);
  }
  for (const auto byte : reader.rest()) value = crc_tables[0][(value ^ byte) & 0xff] ^ value >> 8;
  return value ^ 0xffffffffU;
}

}  // namespace parley
