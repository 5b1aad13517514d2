#include "signaling/http.hpp"

#include <catch2/catch.hpp>

#include "signaling/answering.hpp"
#include "signaling/ice_fragment.hpp"

using namespace parley::signaling;

TEST_CASE("percent-encoding there and back") {
  std::string text;
  CHECK(percent_decode("tea%20time%2Fa", text));
  CHECK(text == "tea time/a");
  CHECK(percent_encode("tea time/a\xC3\xA9") == "tea%20time%2Fa%C3%A9");
  for (const char* bad : {"%", "%2", "%2x", "a%zz"}) CHECK_FALSE(percent_decode(bad, text));
}

TEST_CASE("a query's values") {
  CHECK(query_value("a=1&participant=ad%61&b", "participant") == "ada");
  CHECK(query_value("participants=x", "participant").empty());
  CHECK(query_value("participant=%", "participant").empty());
  CHECK(query_value("", "participant").empty());
}

TEST_CASE("a bearer token, whatever the case of its scheme") {
  HttpRequest request;
  CHECK(bearer_token(request).empty());
  request.headers["authorization"] = "bearer  abc ";
  CHECK(bearer_token(request) == "abc");
  request.headers["authorization"] = "Basic abc";
  CHECK(bearer_token(request).empty());
  request.headers["authorization"] = "Bearer";
  CHECK(bearer_token(request).empty());
}

TEST_CASE("the host of a Host header is a name or an address, or nothing") {
  CHECK(host_of("tea.example.org:8443") == "tea.example.org");
  CHECK(host_of("192.0.2.1") == "192.0.2.1");
  CHECK(host_of("[2001:db8::1]:8080") == "[2001:db8::1]");
  for (const char* bad : {"", ":80", "[", "[]", "[x]", "a b", "a\"b", "a>b", "user@host", "a/b"}) CHECK(host_of(bad).empty());
  CHECK(host_of(std::string(254, 'a')).empty());
}

TEST_CASE("media types, Accept and If-Match") {
  CHECK(is_media_type("Application/SDP; charset=utf-8", "application/sdp"));
  CHECK_FALSE(is_media_type("application/sdpx", "application/sdp"));
  CHECK(accepts("", "application/sdp"));
  CHECK(accepts("text/html, application/*;q=0.5", "application/sdp"));
  CHECK(accepts("*/*", "application/sdp"));
  CHECK_FALSE(accepts("text/html", "application/sdp"));
  CHECK_FALSE(accepts("application/sdp;q=0", "application/sdp"));
  CHECK(if_match_allows("*", "\"a\""));
  CHECK(if_match_allows("\"*\"", "\"a\""));
  CHECK(if_match_allows("\"b\", \"a\"", "\"a\""));
  CHECK_FALSE(if_match_allows("W/\"a\"", "\"a\""));
  CHECK_FALSE(if_match_allows("a", "\"a\""));
}

TEST_CASE("the ICE lines of a fragment are read, and everything that is no SDP refused") {
  const auto fragment = parse_ice_fragment(
      "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF "
      "0\r\na=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
      "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\na=end-of-candidates\r\n");
  REQUIRE(fragment);
  CHECK(fragment->group == "a=group:BUNDLE 0 1");
  CHECK(fragment->mid == "0");
  CHECK(fragment->ufrag == "EsAw");
  CHECK(fragment->password == "P2uYro0UCOQ4zxjKXaWCBui1");
  CHECK(fragment->candidates == std::vector<std::string>{"candidate:1 1 udp 1 192.0.2.1 5000 typ host"});
  for (const char* bad :
       {"", "\r\n", "hello", "{\"a\":1}", "a=ice-ufrag:abc\r\n", "a=ice-ufrag:ab cd\r\n", "a=ice-pwd:short\r\n", "1=x\r\n"})
    CHECK_FALSE(parse_ice_fragment(bad));
  CHECK(parse_ice_fragment(write_ice_fragment(*fragment))->password == fragment->password);
}
