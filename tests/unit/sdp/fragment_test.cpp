#include "tests/unit/sdp/fixtures.hpp"

using namespace parley;
using namespace parley::sdp;

namespace {

Fragment read(const std::string& text) {
  auto fragment = parse_fragment(text);
  INFO((fragment ? std::string() : fragment.error().message));
  REQUIRE(fragment);
  return *fragment;
}

}  // namespace

TEST_CASE("the trickle fragment of RFC 9725 is read") {
  const Fragment fragment = read(
      "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF "
      "111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
      "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n"
      "a=candidate:3471623853 1 udp 2122194687 198.51.100.1 61765 typ host generation 0 ufrag EsAw network-id "
      "2\r\na=end-of-candidates\r\n");
  CHECK(fragment.mid == "0");
  CHECK(fragment.ice_ufrag == "EsAw");
  CHECK(fragment.ice_password == "P2uYro0UCOQ4zxjKXaWCBui1");
  CHECK(fragment.candidates.size() == 2);
  CHECK(fragment.end_of_candidates);
}

TEST_CASE("credentials at session level and in several sections are the same credentials") {
  const Fragment fragment = read(
      "a=ice-ufrag:EsAw\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\nm=audio 9 RTP/AVP 0\na=mid:a\na=ice-ufrag:EsAw\n"
      "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\nm=video 9 RTP/AVP 0\na=mid:v\n");
  CHECK(fragment.mid == "a");
  CHECK(fragment.candidates.empty());
}

TEST_CASE("a fragment may be without credentials, but not with half of them or two kinds") {
  CHECK(read("a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n").ice_ufrag.empty());
  CHECK_FALSE(parse_fragment("a=ice-ufrag:EsAw\r\n"));
  CHECK_FALSE(parse_fragment("a=ice-ufrag:abc\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"));
  const auto twice = parse_fragment("a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=ice-ufrag:Else\r\n");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == "sdp_invalid");
  CHECK(twice.error().message.starts_with("Line 3 "));
}

TEST_CASE("what is not lines of attributes is refused") {
  CHECK_FALSE(parse_fragment("{\"candidate\": \"\"}"));
  CHECK_FALSE(parse_fragment(std::string(maximum_description + 1, '\n')));
}

TEST_CASE("a fragment that we write reads the same") {
  const Fragment fragment{"0", "abcd", "abcdefghijklmnopqrstuv", local_transport().candidates, true};
  const std::string text = write_fragment(fragment, true);
  CHECK(text.starts_with("a=ice-lite\r\na=ice-ufrag:abcd\r\n"));
  CHECK(read(text) == fragment);
  CHECK(write_fragment(fragment, false).starts_with("a=ice-ufrag:abcd\r\n"));
}
