#include "signaling/text.hpp"

#include <catch2/catch.hpp>

using namespace parley::signaling;

TEST_CASE("UTF-8 is what RFC 3629 says, and nothing else") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("Ada, 明日香, Zoë, \U0001F600"));
  CHECK(is_utf8("\xF4\x8F\xBF\xBF"));
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xC3", "a\xC3(", "\xF0\x9F\x98"})
    CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("a name is short, printable text") {
  CHECK(is_good_name("a"));
  CHECK(is_good_name(std::string(128, 'a')));
  CHECK_FALSE(is_good_name(std::string(129, 'a')));
  CHECK_FALSE(is_good_name(""));
  CHECK_FALSE(is_good_name("a\tb"));
  CHECK_FALSE(is_good_name(std::string("a\0b", 3)));
  CHECK_FALSE(is_good_name("\x7f"));
  CHECK_FALSE(is_good_name("\xC2\x85"));
  CHECK(is_good_name("\xC2\xA0"));
  for (const char* reaching : {"a\u202Eb", "\u202A", "\u2066a", "a\u2069", "a\u2028b", "a\u2029"})
    CHECK_FALSE(is_good_name(reaching));
  for (const char* harmless : {"\u200Fשלום", "\U0001F469\u200D\U0001F4BB", "a\u2027b", "a\u202Fb"}) CHECK(is_good_name(harmless));
}
