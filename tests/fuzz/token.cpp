// Tokens: the input once as a whole token, and once as claims that somebody with a key has signed. Nothing but a token that
// names our key and is signed with it may get through, and whoever gets through has a usable identity and room.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/crypto.hpp"
#include "signaling/auth.hpp"
#include "signaling/text.hpp"

namespace {

using namespace parley;
using namespace parley::signaling;

const std::string secret = "an example secret of 32 characters";
const Keys keys{{"key", secret}};
constexpr Time now{seconds(1'790'000'000)};

std::string signed_claims(Bytes claims) {
  const std::string text = base64url_encode(as_bytes(R"({"alg":"HS256"})")) + "." + base64url_encode(claims);
  return text + "." + base64url_encode(hmac_sha256(as_bytes(secret), as_bytes(text)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  if (const auto grant = verify(now, as_text(input), keys)) {
    // A mutation that leaves the token good has not touched what is signed.
    const std::string_view token = as_text(input);
    const std::string_view body = token.substr(0, token.rfind('.'));
    const auto signature = base64url_decode(token.substr(token.rfind('.') + 1));
    if (!signature || !equal_in_constant_time(*signature, hmac_sha256(as_bytes(secret), as_bytes(body)))) std::abort();
  }
  if (const auto grant = verify_join(now, signed_claims(input), "", keys))
    if (!grant->room_join || !is_good_name(grant->identity) || !is_good_name(grant->room)) std::abort();
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  const std::string claims =
      R"({"iss":"key","sub":"ada","exp":1790000060,"nbf":1789999940,"name":"Ada","video":{"roomJoin":true,"room":"tea","hidden":false}})";
  const std::string texts[] = {claims, signed_claims(as_bytes(claims)), R"({"iss":"key","exp":1e300,"parley":{"invite":true}})"};
  std::vector<std::vector<std::uint8_t>> all;
  for (const std::string& text : texts) all.emplace_back(text.begin(), text.end());
  return all;
}
