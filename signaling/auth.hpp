#pragma once
// Who may come in: JSON Web Tokens (RFC 7519) signed with HS256 (RFC 7518 section 3.2), carrying the claims that
// LiveKit's access tokens carry, so that existing token servers work unchanged.
//
//   {"iss": API key, "sub": identity, "exp": …, "nbf": …, "name": …,
//    "video": {"roomJoin": true, "room": …, "canPublish": …, "canSubscribe": …, "canPublishData": …, "roomAdmin": …, "hidden":
//    …}}
//
// No other algorithm exists here, "none" included, and a secret is never taken for a public key: there is nothing to
// confuse. An invite is a token with {"parley": {"invite": true}} and no room; POST /api/token exchanges it. Whoever
// exchanges one for a room in which nobody is yet becomes its host: {"parley": {"host": true}}.

#include <map>
#include <string>
#include <string_view>

#include "sfu/base/random.hpp"
#include "sfu/base/result.hpp"
#include "sfu/base/time.hpp"

namespace parley::signaling {

/// API key (the token's `iss`) to its secret.
using Keys = std::map<std::string, std::string, std::less<>>;

struct Permissions {
  bool can_publish = true;
  bool can_subscribe = true;
  bool can_publish_data = true;
  bool room_admin = false;
  bool hidden = false;  ///< not announced to the others
  bool operator==(const Permissions&) const = default;
};

/// What a good token says.
struct Grant {
  std::string identity;
  std::string name;
  std::string room;
  bool room_join = false;
  bool invite = false;
  bool host = false;  ///< roomAdmin, but only in a room: it opens no metrics
  Permissions permissions;
  bool operator==(const Grant&) const = default;
};

/// A token is an HTTP header at most; LiveKit's are about 500 bytes, more with metadata (which we ignore).
inline constexpr std::size_t token_bytes_limit = 8192;
/// Between the clocks of a token server and ours. Both are servers with NTP; a token of some minutes must not live on.
inline constexpr Duration token_leeway = seconds(10);
/// RFC 7518 section 3.2: a key of at least the size of the hash.
inline constexpr std::size_t secret_bytes_minimum = 32;

/// What the token grants. Refused with "token_missing" (empty), "token_malformed" (not a JWT, a claim of the wrong type, no
/// `exp`), "token_algorithm", "token_unknown_key", "token_signature", "token_expired", "token_not_yet_valid".
Result<Grant> verify(Time now, std::string_view token, const Keys& keys);

/// The same for somebody who wants into a room; `room` may be empty: then the token's own room. Refused, besides, with
/// "token_no_join", "token_wrong_room" and "token_malformed" (no usable identity).
Result<Grant> verify_join(Time now, std::string_view token, std::string_view room, const Keys& keys);

/// A signed token. `valid` counts from now on.
std::string make_token(Time now, const Grant& grant, Duration valid, std::string_view key, std::string_view secret);

/// What `parley serve` prints as a link when it starts.
std::string make_invite(Time now, Duration valid, std::string_view key, std::string_view secret);

/// A new identity for somebody who gave only a name: "Ada L." gives "ada-l-x7k2mf".
std::string fresh_identity(std::string_view name, Random& random);

}  // namespace parley::signaling
