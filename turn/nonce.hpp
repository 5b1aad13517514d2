#pragma once
// Nonces that are not remembered but signed (RFC 8489 section 9.2):
//
//   "obMatJos2" <security features, 4 characters> base64url(seconds, 4 bytes; HMAC of them and the client's address, 12 bytes)
//
// A worker recognizes what any other made, and nobody can fill a table. They are bound to the client's address, but not to its
// port: a data connection of RFC 6062 comes from another one.

#include <array>
#include <string>
#include <string_view>

#include "sfu/base/address.hpp"
#include "sfu/base/time.hpp"

namespace parley::turn {

class Nonces {
 public:
  using Key = std::array<std::uint8_t, 32>;
  Nonces(const Key& key, Duration lifetime) : key_(key), lifetime_(lifetime) {}

  std::string make(Time now, const Address& client) const;
  /// Made by this server, for this client, and not too long ago.
  bool is_fresh(Time now, const Address& client, std::string_view nonce) const;

 private:
  std::string make_at(std::int64_t second, const Address& client) const;

  Key key_;
  Duration lifetime_;
};

}  // namespace parley::turn
