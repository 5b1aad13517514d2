// Tokens: what opens the door, and every way in which somebody tries to open it without a key.

#include "signaling/auth.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sfu/base/crypto.hpp"
#include "signaling/text.hpp"

using namespace parley;
using namespace parley::signaling;

namespace {

using Json = nlohmann::json;

const std::string secret = "an example secret of 32 characters";
const Keys keys{{"key", secret}, {"other", "another secret, of 32 characters."}};
constexpr std::int64_t epoch = 1'790'000'000;
constexpr Time now{seconds(epoch)};

const Json good_header = {{"alg", "HS256"}, {"typ", "JWT"}};
const Json good_claims = {
    {"iss", "key"}, {"sub", "ada"}, {"exp", epoch + 60}, {"nbf", epoch - 60}, {"video", {{"roomJoin", true}, {"room", "tea"}}}};

std::string encode(const Json& json) { return base64url_encode(as_bytes(json.dump())); }
std::string sign(const std::string& text, const std::string& with = secret) {
  return text + "." + base64url_encode(hmac_sha256(as_bytes(with), as_bytes(text)));
}
std::string token(const Json& claims, const Json& header = good_header, const std::string& with = secret) {
  return sign(encode(header) + "." + encode(claims), with);
}
Json changed(Json json, const std::string& key, Json value) {
  json[key] = std::move(value);
  return json;
}
Json without(Json json, const std::string& key) {
  json.erase(key);
  return json;
}
std::string code(const std::string& text, Time when = now) {
  const auto grant = verify(when, text, keys);
  return grant ? "" : grant.error().code;
}
std::string join_code(const Json& claims, std::string_view room = "") {
  const auto grant = verify_join(now, token(claims), room, keys);
  return grant ? "" : grant.error().code;
}

}  // namespace

TEST_CASE("LiveKit's claims are understood, and permissions are granted unless they are denied") {
  const auto grant = verify(now, token(good_claims), keys);
  REQUIRE(grant);
  CHECK(grant->identity == "ada");
  CHECK(grant->room == "tea");
  CHECK(grant->room_join);
  CHECK(grant->permissions == Permissions{true, true, true, false, false});
  Json claims = good_claims;
  claims["name"] = "Ada";
  claims["metadata"] = "ignored";
  claims["video"].update(
      {{"canPublish", false}, {"canSubscribe", false}, {"canPublishData", false}, {"roomAdmin", true}, {"hidden", true}});
  const auto denied = verify(now, token(claims), keys);
  REQUIRE(denied);
  CHECK(denied->name == "Ada");
  CHECK(denied->permissions == Permissions{false, false, false, true, true});
}

TEST_CASE("a token that LiveKit's own library has made is accepted") {
  // Made as the Go server SDK does it: claims in its order, `video` with omitted fields, jti and metadata beside.
  const std::string text =
      base64url_encode(as_bytes(R"({"alg":"HS256","typ":"JWT"})")) + "." +
      base64url_encode(as_bytes(
          R"({"exp":1790000060,"iss":"key","metadata":"{\"a\":{\"b\":1}}","name":"Ada","nbf":1790000000,"sub":"ada","video":{"room":"tea","roomJoin":true,"canPublishSources":["camera"]},"attributes":{"a":"b"}})"));
  CHECK(verify_join(now, sign(text), "tea", keys));
}

TEST_CASE("what is not signed with HS256 is refused, whatever else is right") {
  for (const char* algorithm :
       {"none", "None", "NONE", "", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", "HS256 "})
    CHECK(code(token(good_claims, {{"alg", algorithm}, {"typ", "JWT"}})) == "token_algorithm");
  CHECK(code(token(good_claims, {{"typ", "JWT"}})) == "token_algorithm");
  CHECK(code(token(good_claims, {{"alg", nullptr}})) == "token_algorithm");
  CHECK(code(token(good_claims, {{"alg", Json::array({"HS256"})}})) == "token_algorithm");
  CHECK(code(encode({{"alg", "none"}}) + "." + encode(good_claims) + ".") == "token_algorithm");
}

TEST_CASE("a public-key algorithm with our secret, or an empty one, as the HMAC key is refused") {
  CHECK(code(token(good_claims, {{"alg", "RS256"}}, secret)) == "token_algorithm");
  CHECK(code(token(good_claims, good_header, "")) == "token_signature");
  CHECK(code(token(good_claims, changed(good_header, "jwk", {{"kty", "oct"}, {"k", base64url_encode(as_bytes("mine"))}}),
                   "mine")) == "token_signature");
  CHECK(code(token(good_claims, changed(good_header, "kid", "other"), keys.at("other"))) == "token_signature");
}

TEST_CASE("the key is the one that the issuer names") {
  CHECK(code(token(changed(good_claims, "iss", "other"), good_header, keys.at("other"))).empty());
  CHECK(code(token(changed(good_claims, "iss", "other"))) == "token_signature");
  CHECK(code(token(changed(good_claims, "iss", "stranger"))) == "token_unknown_key");
  CHECK(code(token(changed(good_claims, "iss", 5))) == "token_unknown_key");
  CHECK(code(token(without(good_claims, "iss"))) == "token_unknown_key");
}

TEST_CASE("a signature that is missing, cut, changed or of another token is refused") {
  const std::string good = token(good_claims);
  const std::string body = good.substr(0, good.rfind('.') + 1);
  CHECK(code(body) == "token_signature");
  CHECK(code(good.substr(0, good.size() - 4)) == "token_signature");
  CHECK(code(good + "AAAA") == "token_signature");
  CHECK(code(body + std::string(43, 'A')) == "token_signature");
  const std::string other = token(changed(good_claims, "sub", "eve"));
  CHECK(code(other.substr(0, other.rfind('.')) + good.substr(good.rfind('.'))) == "token_signature");
  CHECK(code(body + "!!!!") == "token_malformed");
}

TEST_CASE("what is no token is malformed, or missing") {
  CHECK(code("") == "token_missing");
  CHECK(code("x") == "token_malformed");
  CHECK(code(".") == "token_malformed");
  CHECK(code("..") == "token_malformed");
  CHECK(code("a.b.c.d") == "token_malformed");
  CHECK(code(token(good_claims) + ".") == "token_malformed");
  CHECK(code(" " + token(good_claims)) == "token_malformed");
  CHECK(code(sign(base64url_encode(as_bytes("[]")) + "." + encode(good_claims))) == "token_malformed");
  CHECK(code(sign(encode(good_header) + "." + base64url_encode(as_bytes("\"text\"")))) == "token_malformed");
  CHECK(code(sign(encode(good_header) + "." + base64url_encode(as_bytes("{\"exp\":")))) == "token_malformed");
  CHECK(code(sign(encode(good_header) + "." + base64url_encode(as_bytes("{\"sub\":\"\xff\"}")))) == "token_malformed");
  CHECK(code(token(good_claims, changed(good_header, "crit", Json::array({"exp"})))) == "token_malformed");
}

TEST_CASE("every cut of a good token is refused") {
  const std::string good = token(good_claims);
  for (std::size_t size = 0; size < good.size(); ++size) CHECK(code(good.substr(0, size)) != "");
}

TEST_CASE("a token that is huge or nests deeply costs nothing") {
  CHECK(code(std::string(9000, 'a')) == "token_malformed");
  CHECK(code(std::string(100, '.')) == "token_malformed");
  const std::string deep = std::string(2000, '[') + std::string(2000, ']');
  CHECK(code(sign(encode(good_header) + "." + base64url_encode(as_bytes("{\"a\":" + deep + "}")))) == "token_malformed");
}

TEST_CASE("the dates hold to the second, with ten seconds for clocks that differ") {
  const std::string text = token(good_claims);
  CHECK(code(text, Time(seconds(epoch + 60 + 10) - milliseconds(1))).empty());
  CHECK(code(text, Time(seconds(epoch + 60 + 10))) == "token_expired");
  CHECK(code(text, Time(seconds(epoch - 60 - 10))).empty());
  CHECK(code(text, Time(seconds(epoch - 60 - 10) - seconds(1))) == "token_not_yet_valid");
  CHECK(code(token(without(good_claims, "nbf"))).empty());
  CHECK(code(token(without(good_claims, "exp"))) == "token_malformed");
  CHECK(code(token(changed(good_claims, "exp", "tomorrow"))) == "token_malformed");
  CHECK(code(token(changed(good_claims, "nbf", true))) == "token_malformed");
  CHECK(code(token(changed(good_claims, "exp", epoch + 0.5))).empty());
  CHECK(code(token(changed(good_claims, "exp", 1e300))).empty());
  CHECK(code(token(changed(good_claims, "exp", -1e300))) == "token_expired");
  CHECK(code(token(changed(good_claims, "exp", UINT64_MAX))).empty());
  CHECK(code(token(changed(good_claims, "exp", 0))) == "token_expired");
}

TEST_CASE("a claim of the wrong type is not guessed at") {
  CHECK(code(token(changed(good_claims, "sub", 5))) == "token_malformed");
  CHECK(code(token(changed(good_claims, "video", "all"))) == "token_malformed");
  CHECK(code(token(changed(good_claims, "video", {{"roomJoin", "true"}}))) == "token_malformed");
  CHECK(code(token(changed(good_claims, "video", {{"roomAdmin", 1}}))) == "token_malformed");
  CHECK(code(token(changed(good_claims, "parley", true))) == "token_malformed");
}

TEST_CASE("joining needs the permission, the room and an identity") {
  CHECK(join_code(good_claims).empty());
  CHECK(join_code(good_claims, "tea").empty());
  CHECK(join_code(good_claims, "coffee") == "token_wrong_room");
  CHECK(join_code(changed(good_claims, "video", {{"room", "tea"}})) == "token_no_join");
  CHECK(join_code(without(good_claims, "video")) == "token_no_join");
  CHECK(join_code(changed(good_claims, "video", {{"roomJoin", true}})) == "token_wrong_room");
  CHECK(join_code(changed(good_claims, "video", {{"roomJoin", true}, {"room", "a\nb"}})) == "token_wrong_room");
  CHECK(join_code(without(good_claims, "sub")) == "token_malformed");
  CHECK(join_code(changed(good_claims, "sub", std::string(129, 'x'))) == "token_malformed");
  CHECK(join_code(changed(good_claims, "name", "bell\a")) == "token_malformed");
}

TEST_CASE("a token that we make is one that we take") {
  Grant grant{.identity = "ada", .name = "Ada", .room = "tea", .room_join = true, .permissions = {}};
  grant.permissions.can_publish = false;
  grant.permissions.room_admin = true;
  const std::string text = make_token(now, grant, hours(6), "key", secret);
  CHECK(*verify(now, text, keys) == grant);
  CHECK(code(text, now + hours(6)).empty());
  CHECK(code(text, now + hours(6) + seconds(10)) == "token_expired");
}

TEST_CASE("an invite opens no room by itself") {
  const std::string invite = make_invite(now, hours(24), "key", secret);
  const auto grant = verify(now, invite, keys);
  REQUIRE(grant);
  CHECK(grant->invite);
  CHECK(verify_join(now, invite, "", keys).error().code == "token_no_join");
  CHECK_FALSE(verify(now, token(good_claims), keys)->invite);
}

TEST_CASE("a fresh identity tells the name, and is another one each time") {
  Random random = Random::from_number(1);
  const std::string ada = fresh_identity("Ada L.", random);
  CHECK(ada.starts_with("ada-l-"));
  CHECK(ada.size() == std::string("ada-l-").size() + 6);
  CHECK(fresh_identity("Ada L.", random) != ada);
  CHECK(fresh_identity("明日香", random).starts_with("guest-"));
  CHECK(is_good_name(fresh_identity(std::string(128, 'x'), random)));
}
