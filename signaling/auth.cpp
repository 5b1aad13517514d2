// JSON Web Tokens, HS256 only. The order of the checks is RFC 7519 section 7.2's: shape, algorithm, key, signature, and
// only then what the claims say, so that nobody without a key learns anything from the later ones.

#include "signaling/auth.hpp"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "sfu/base/crypto.hpp"
#include "signaling/text.hpp"

namespace parley::signaling {
namespace {

using Json = nlohmann::json;

/// Metadata may nest, and is ignored; nothing that we read is deeper than two levels.
constexpr int claims_depth_limit = 16;

Error malformed(std::string why) { return {"token_malformed", "The token is malformed: " + std::move(why) + "."}; }

struct Parts {
  std::string_view header, claims, signature, signed_text;
};

/// RFC 7515 section 3.1, compact serialization: three parts with two dots.
std::optional<Parts> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
               token.substr(0, second)};
}

/// Nothing when the part is not the encoding of a JSON object.
std::optional<Json> decode_object(std::string_view part) {
  const auto bytes = base64url_decode(part);
  if (!bytes) return std::nullopt;
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > claims_depth_limit;
    return !too_deep;
  };
  Json json = Json::parse(bytes->begin(), bytes->end(), watch, false);
  if (too_deep || !json.is_object()) return std::nullopt;
  return json;
}

/// Reads claims of one object and remembers whether one was of the wrong type.
class ClaimReader {
 public:
  explicit ClaimReader(const Json& object) : object_(object) {}

  std::string text(const char* name) { return get<std::string>(name, &Json::is_string).value_or(""); }
  bool flag(const char* name, bool otherwise) { return get<bool>(name, &Json::is_boolean).value_or(otherwise); }
  /// NumericDate, RFC 7519 section 2: seconds since the epoch, perhaps with a fraction.
  std::optional<double> date(const char* name) { return get<double>(name, &Json::is_number); }
  /// An empty object when there is none.
  Json object(const char* name) { return get<Json>(name, &Json::is_object).value_or(Json::object()); }

  const std::string& wrong() const { return wrong_; }

 private:
  template <typename T>
  std::optional<T> get(const char* name, bool (Json::*right_type)() const noexcept) {
    const auto found = object_.find(name);
    if (found == object_.end() || found->is_null()) return std::nullopt;
    if (((*found).*right_type)()) return found->template get<T>();
    if (wrong_.empty()) wrong_ = name;
    return std::nullopt;
  }

  const Json& object_;
  std::string wrong_;
};

std::optional<Error> check_signature(const Parts& parts, const Json& header, const Json& claims, const Keys& keys) {
  if (const auto algorithm = header.find("alg"); algorithm == header.end() || *algorithm != "HS256")
    return Error{"token_algorithm", "The token is not signed with HS256, the only algorithm that is accepted."};
  if (header.contains("crit")) return malformed("it demands extensions that we do not know");  // RFC 7515 section 4.1.11
  const auto signature = base64url_decode(parts.signature);
  if (!signature) return malformed("its signature is not base64url");
  ClaimReader reader(claims);
  const auto key = keys.find(reader.text("iss"));
  if (key == keys.end()) return Error{"token_unknown_key", "The token names an API key that this server does not know."};
  const auto expected = hmac_sha256(as_bytes(key->second), as_bytes(parts.signed_text));
  if (!equal_in_constant_time(expected, *signature))
    return Error{"token_signature", "The token's signature does not fit: it was signed with another secret, or changed."};
  return std::nullopt;
}

std::optional<Error> check_dates(Time now, ClaimReader& claims) {
  const double time = std::chrono::duration<double>(now.time_since_epoch()).count();
  const double leeway = std::chrono::duration<double>(token_leeway).count();
  const auto expiry = claims.date("exp");
  const auto not_before = claims.date("nbf");
  if (!claims.wrong().empty()) return malformed(claims.wrong() + " is not a number");
  if (!expiry) return malformed("it has no expiry (exp)");
  if (time >= *expiry + leeway) return Error{"token_expired", "The token has expired. Ask for a new one."};
  if (not_before && time < *not_before - leeway)
    return Error{"token_not_yet_valid", "The token is not valid yet. Check the clock of the server that made it."};
  return std::nullopt;
}

Result<Grant> read_grant(ClaimReader& claims) {
  Grant grant;
  grant.identity = claims.text("sub");
  grant.name = claims.text("name");
  const Json video = claims.object("video");
  ClaimReader permissions(video);
  grant.room = permissions.text("room");
  grant.room_join = permissions.flag("roomJoin", false);
  grant.permissions = {.can_publish = permissions.flag("canPublish", true),
                       .can_subscribe = permissions.flag("canSubscribe", true),
                       .can_publish_data = permissions.flag("canPublishData", true),
                       .room_admin = permissions.flag("roomAdmin", false),
                       .hidden = permissions.flag("hidden", false)};
  const Json parley = claims.object("parley");
  ClaimReader own(parley);
  grant.invite = own.flag("invite", false);
  grant.host = own.flag("host", false);
  for (const ClaimReader* reader : {&claims, &permissions, &own})
    if (!reader->wrong().empty()) return malformed(reader->wrong() + " has the wrong type");
  return grant;
}

std::string sign(const Json& claims, std::string_view secret) {
  const Json header = {{"alg", "HS256"}, {"typ", "JWT"}};
  const std::string text = base64url_encode(as_bytes(header.dump())) + "." + base64url_encode(as_bytes(claims.dump()));
  return text + "." + base64url_encode(hmac_sha256(as_bytes(secret), as_bytes(text)));
}

Json dated_claims(Time now, Duration valid, std::string_view key) {
  return {{"iss", key}, {"nbf", unix_seconds(now)}, {"exp", unix_seconds(now + valid)}};
}

}  // namespace

Result<Grant> verify(Time now, std::string_view token, const Keys& keys) {
  if (token.empty()) return Error{"token_missing", "A token is needed to come in."};
  if (token.size() > token_bytes_limit) return malformed("it is too long");
  const auto parts = split(token);
  if (!parts) return malformed("it does not have three parts");
  const auto header = decode_object(parts->header);
  if (!header) return malformed("its header cannot be read");
  const auto claims = decode_object(parts->claims);
  if (!claims) return malformed("its claims cannot be read");
  if (auto error = check_signature(*parts, *header, *claims, keys)) return *error;
  ClaimReader reader(*claims);
  if (auto error = check_dates(now, reader)) return *error;
  return read_grant(reader);
}

Result<Grant> verify_join(Time now, std::string_view token, std::string_view room, const Keys& keys) {
  auto grant = verify(now, token, keys);
  if (!grant) return grant;
  if (!grant->room_join) return Error{"token_no_join", "The token does not permit joining a room (video.roomJoin)."};
  if (!is_good_name(grant->room)) return Error{"token_wrong_room", "The token names no usable room (video.room)."};
  if (!room.empty() && grant->room != room) return Error{"token_wrong_room", "The token is for another room."};
  if (!is_good_name(grant->identity)) return malformed("sub is not a usable identity");
  if (!grant->name.empty() && !is_good_name(grant->name)) return malformed("name is too long or has control characters");
  grant->permissions.room_admin |= grant->host;
  return grant;
}

std::string make_token(Time now, const Grant& grant, Duration valid, std::string_view key, std::string_view secret) {
  Json claims = dated_claims(now, valid, key);
  claims["sub"] = grant.identity;
  if (!grant.name.empty()) claims["name"] = grant.name;
  const Permissions& may = grant.permissions;
  claims["video"] = {{"roomJoin", grant.room_join},
                     {"room", grant.room},
                     {"canPublish", may.can_publish},
                     {"canSubscribe", may.can_subscribe},
                     {"canPublishData", may.can_publish_data},
                     {"roomAdmin", may.room_admin},
                     {"hidden", may.hidden}};
  if (grant.host) claims["parley"] = {{"host", true}};
  return sign(claims, secret);
}

std::string make_invite(Time now, Duration valid, std::string_view key, std::string_view secret) {
  Json claims = dated_claims(now, valid, key);
  claims["parley"] = {{"invite", true}};
  return sign(claims, secret);
}

std::string fresh_identity(std::string_view name, Random& random) {
  constexpr std::size_t longest = 32, suffix = 6;
  std::string identity;
  for (const char c : name.substr(0, longest)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool capital = c >= 'A' && c <= 'Z';
    if (letter || capital)
      identity += capital ? static_cast<char>(c + ('a' - 'A')) : c;
    else if (!identity.empty() && identity.back() != '-')
      identity += '-';
  }
  if (identity.empty()) identity = "guest";
  if (identity.back() != '-') identity += '-';
  constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";  // without l, o, 0 and 1, which look alike
  for (std::size_t i = 0; i < suffix; ++i) identity += alphabet[random.below(alphabet.size())];
  return identity;
}

}  // namespace parley::signaling
