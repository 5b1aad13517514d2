#include "tests/unit/sdp/fixtures.hpp"

using namespace parley;
using namespace parley::sdp;

namespace {

std::string code(const std::string& text) {
  const auto transport = remote_transport(parsed(text));
  return transport ? std::string("accepted") : transport.error().code;
}
std::string without(std::string text, const std::string& line) {
  for (auto at = text.find(line); at != text.npos; at = text.find(line)) text.erase(at, text.find('\n', at) - at + 1);
  return text;
}
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

const std::string two = description({opus_section(), vp8_section()});

}  // namespace

TEST_CASE("every captured description has one transport") {
  for (const std::string& name : captures()) {
    CAPTURE(name);
    const auto transport = remote_transport(parsed_capture(name));
    REQUIRE(transport);
    CHECK(transport->ice_ufrag.size() >= 4);
    CHECK(transport->ice_password.size() >= 22);
    CHECK(transport->fingerprints.size() == 1);
  }
}

TEST_CASE("a description that is not one encrypted, multiplexed bundle is refused by name") {
  CHECK(code(two) == "accepted");
  CHECK(code(without(two, "a=group")) == "sdp_not_bundled");
  CHECK(code(replaced(two, "BUNDLE 0 1", "BUNDLE 0")) == "sdp_not_bundled");
  CHECK(code(replaced(two, "a=mid:1", "a=ice-ufrag:other\r\na=mid:1")) == "sdp_not_bundled");
  CHECK(code(without(two, "a=ice-ufrag")) == "sdp_no_ice");
  CHECK(code(without(two, "a=ice-pwd")) == "sdp_no_ice");
  CHECK(code(without(two, "a=fingerprint")) == "sdp_no_fingerprint");
  CHECK(code(without(two, "a=rtcp-mux")) == "sdp_no_rtcp_mux");
  CHECK(code(replaced(two, "setup:actpass", "setup:passive")) == "sdp_setup");
  CHECK(code(replaced(two, "setup:actpass", "setup:active")) == "accepted");
  CHECK(code("v=0\r\n") == "sdp_no_ice");
}

TEST_CASE("a lone section needs no bundle") { CHECK(code(without(description({opus_section()}), "a=group")) == "accepted"); }

TEST_CASE("rejected sections are not asked for anything") {
  CHECK(code(replaced(replaced(two, "BUNDLE 0 1", "BUNDLE 1"), "m=audio 9", "m=audio 0")) == "accepted");
}

TEST_CASE("sections of a bundle may leave out what its first one says") {
  std::string text = description({opus_section("a=ice-ufrag:first\r\na=ice-pwd:firstfirstfirstfirstfirst\r\n"), vp8_section()});
  text = without(without(text, "a=ice-ufrag:abcd"), "a=ice-pwd:abcd");
  const auto transport = remote_transport(parsed(text));
  REQUIRE(transport);
  CHECK(transport->ice_ufrag == "first");
}
