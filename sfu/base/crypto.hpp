#pragma once
// Digests and encodings that several layers need, over OpenSSL. The DTLS and SRTP ciphers live in transport/.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sfu/base/bytes.hpp"

namespace parley {

std::array<std::uint8_t, 20> hmac_sha1(Bytes key, Bytes message);
std::array<std::uint8_t, 32> hmac_sha256(Bytes key, Bytes message);
std::array<std::uint8_t, 32> sha256(Bytes message);
/// Only because STUN's long-term credentials are made with it (RFC 8489 section 18.5.1.1).
std::array<std::uint8_t, 16> md5(Bytes message);

/// Compares in a time that does not depend on where the two differ. Different sizes are unequal.
bool equal_in_constant_time(Bytes left, Bytes right);

/// RFC 4648 section 4, with padding.
std::string base64_encode(Bytes bytes);
/// RFC 4648 section 5, without padding, as JSON Web Tokens use it.
std::string base64url_encode(Bytes bytes);
/// Nothing when a character is outside of the alphabet or the length is impossible.
std::optional<Buffer> base64url_decode(std::string_view text);

/// CRC-32 as STUN's FINGERPRINT and zip use it (ISO 3309), before STUN's xor.
std::uint32_t crc32(Bytes bytes);

}  // namespace parley
