#include "turn/nonce.hpp"

#include "sfu/base/crypto.hpp"

namespace parley::turn {

namespace {

/// The nonce cookie, and behind it 24 bits in base64, the leftmost first (RFC 8489 sections 9.2 and 18.1): bit 0, password
/// algorithms, and bit 1, username anonymity. Who takes them out breaks the signature: that is the protection against bidding
/// down.
constexpr std::string_view cookie = "obMatJos2wAAA";
constexpr std::size_t time_size = 4;
constexpr std::size_t signature_size = 12;

}  // namespace

std::string Nonces::make(Time now, const Address& client) const { return make_at(unix_seconds(now), client); }

std::string Nonces::make_at(std::int64_t second, const Address& client) const {
  std::array<std::uint8_t, 5 + time_size + 16> text{};
  Writer writer(text);
  writer.bytes(as_bytes("nonce")).u32(static_cast<std::uint32_t>(second)).bytes(client.octets());
  std::array<std::uint8_t, time_size + signature_size> signed_time{};
  Writer(signed_time)
      .u32(static_cast<std::uint32_t>(second))
      .bytes(Bytes(hmac_sha256(key_, writer.written())).first(signature_size));
  return std::string(cookie) + base64url_encode(signed_time);
}

bool Nonces::is_fresh(Time now, const Address& client, std::string_view nonce) const {
  if (!nonce.starts_with(cookie)) return false;
  const auto signed_time = base64url_decode(nonce.substr(cookie.size()));
  if (!signed_time || signed_time->size() != time_size + signature_size) return false;
  const std::int64_t second = Reader(*signed_time).u32();
  // A second ahead: another worker may have read its clock a moment later.
  const Duration age = seconds(unix_seconds(now) - second);
  if (age < seconds(-1) || age >= lifetime_) return false;
  return equal_in_constant_time(as_bytes(make_at(second, client)), as_bytes(nonce));
}

}  // namespace parley::turn
