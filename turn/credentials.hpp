#pragma once
// Who may relay: users with a password, and whoever shows a time-limited name that one of the shared secrets has signed (the
// "REST API for access to TURN services" draft, which coturn and every ICE server list knows):
//
//   username "<expiry in Unix seconds>:<user>"      password base64(HMAC-SHA1(secret, username))
//
// What STUN calls a key is made of name, realm and password (RFC 8489 section 9.2.2): MD5, or SHA-256 where the client can.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/time.hpp"

namespace parley::turn {

enum class PasswordAlgorithm : std::uint16_t { md5 = 1, sha256 = 2 };

/// 16 bytes for MD5, 32 for SHA-256.
class Key {
 public:
  Key() = default;
  Key(PasswordAlgorithm algorithm, std::string_view user, std::string_view realm, std::string_view password);
  Bytes bytes() const { return Bytes(bytes_).first(size_); }
  bool operator==(const Key&) const = default;

 private:
  std::array<std::uint8_t, 32> bytes_{};
  std::uint8_t size_ = 0;
};

/// The password of a time-limited name.
std::string password_of(std::string_view secret, std::string_view username);
/// "1700000000:ada" and the password for it, good until `expiry`.
struct TimeLimited {
  std::string username;
  std::string password;
};
TimeLimited make_time_limited(std::string_view secret, std::string_view user, Time expiry);

class Credentials {
 public:
  explicit Credentials(std::string realm) : realm_(std::move(realm)) {}

  void add_user(std::string name, std::string password);
  /// Several may be good at once, so that a secret can be replaced without breaking what it has signed.
  void add_secret(std::string secret) { secrets_.push_back(std::move(secret)); }

  const std::string& realm() const { return realm_; }
  /// The keys that this name may have used: one, or one for each secret; none when the name is unknown or has expired.
  std::vector<Key> keys(Time now, std::string_view username, PasswordAlgorithm algorithm) const;
  /// The name behind a USERHASH: SHA-256 of "name:realm" (RFC 8489 section 14.4). Only names with a password can be found so.
  std::optional<std::string> find_user(Bytes userhash) const;

 private:
  std::string realm_;
  std::map<std::string, std::string, std::less<>> passwords_;
  std::map<std::array<std::uint8_t, 32>, std::string> hashes_;
  std::vector<std::string> secrets_;
};

/// Whose quota a name counts against: "1700000000:ada" is ada, so that new credentials give no new quota.
std::string_view account_of(std::string_view username);

}  // namespace parley::turn
