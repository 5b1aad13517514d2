#include "sfu/net/http_text.hpp"

#include <catch2/catch.hpp>

using namespace parley::net;

TEST_CASE("A response begins with its status line, its headers and its length") {
  CHECK(response_head({201, {{"Location", "/whip/1"}, {"Link", "a"}, {"Link", "b"}}, "four"}, false) ==
        "HTTP/1.1 201 Created\r\nLocation: /whip/1\r\nLink: a\r\nLink: b\r\nContent-Length: 4\r\n\r\n");
}

TEST_CASE("A response without content has no length") {
  CHECK(response_head({204, {}, {}}, false) == "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(response_head({304, {}, {}}, true) == "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
}

TEST_CASE("Nobody puts a second header into a value") {
  const std::string head = response_head({200, {{"X", "a\r\nSet-Cookie: b"}}, {}}, false);
  CHECK(head.find("\r\nSet-Cookie") == head.npos);
}

TEST_CASE("A parameter is encoded again so that it says the same") {
  CHECK(encoded_parameter("participant=Ada & Bob") == "participant=Ada%20%26%20Bob");
  CHECK(encoded_parameter("a=b=c") == "a=b%3Dc");
  CHECK(encoded_parameter("flag") == "flag");
  CHECK(percent_encoded("/whip/te a%", "/") == "/whip/te%20a%25");
}
