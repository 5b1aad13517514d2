#include "signaling/greeting.hpp"

#include <catch2/catch.hpp>

namespace parley::signaling {
namespace {

Address at(const char* text) { return *Address::parse_with_port(text); }
Address host(const char* text) { return *Address::parse(text, 0); }

/// As it is started without options.
Doors usual() {
  return {.http = at("127.0.0.1:8080"),
          .https = at("0.0.0.0:8443"),
          .interfaces = {host("10.0.0.5"), host("2001:db8::5")},
          .advertised = {},
          .names = {},
          .own_certificate = true};
}

TEST_CASE("Who has just started a server sees where it can be opened, and why browsers warn") {
  CHECK(greeting(usual(), "abc") ==
        "\nParley is ready.\n\n"
        "  Open           http://127.0.0.1:8080/#invite=abc\n"
        "  Other devices  https://10.0.0.5:8443/#invite=abc\n"
        "  Other devices  https://[2001:db8::5]:8443/#invite=abc\n"
        "                 (Their browsers warn once: this server made its certificate itself.)\n"
        "  Stop           Ctrl-C\n\n");
}

TEST_CASE("An advertised address gives a link for those outside, on the port of the page") {
  Doors doors = usual();
  doors.advertised = {at("203.0.113.7:40000"), host("10.0.0.5")};
  const std::string text = greeting(doors, "abc");
  CHECK_THAT(text, Catch::Contains("  From outside   https://203.0.113.7:8443/#invite=abc\n"));
  CHECK_THAT(text, !Catch::Contains("From outside   https://10.0.0.5"));
}

TEST_CASE("A certificate with names gives links with these, which no browser warns about") {
  Doors doors = usual();
  doors.own_certificate = false;
  doors.advertised = {host("203.0.113.7")};
  doors.names = {"meet.example.org"};
  CHECK(greeting(doors, "abc") ==
        "\nParley is ready.\n\n"
        "  Open           http://127.0.0.1:8080/#invite=abc\n"
        "  Other devices  https://meet.example.org:8443/#invite=abc\n"
        "  Stop           Ctrl-C\n\n");
  doors.https = at("0.0.0.0:443");
  CHECK_THAT(greeting(doors, "abc"), Catch::Contains("https://meet.example.org/#invite=abc\n"));
  doors.names.clear();
  CHECK_THAT(greeting(doors, "abc"), Catch::Contains("  Other devices  https://10.0.0.5:443/#invite=abc\n"));
}

TEST_CASE("The names that a server gave to itself are no links: nobody else knows them") {
  Doors doors = usual();
  doors.names = {"localhost", "tea"};
  CHECK_THAT(greeting(doors, "abc"), !Catch::Contains("localhost"));
}

TEST_CASE("A port that is closed has no link") {
  Doors doors = usual();
  doors.http.reset();
  CHECK_THAT(greeting(doors, "abc"), !Catch::Contains("http://"));
  doors = usual();
  doors.https.reset();
  CHECK_THAT(greeting(doors, "abc"), !Catch::Contains("https://") && !Catch::Contains("warn"));
}

}  // namespace
}  // namespace parley::signaling
