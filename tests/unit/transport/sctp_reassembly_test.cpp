#include "sfu/transport/sctp_reassembly.hpp"

#include <catch2/catch.hpp>

namespace parley::transport {

namespace {

constexpr SctpStream one{1};
constexpr SctpStream other{2};
constexpr Ppid binary{53};

}  // namespace

TEST_CASE("A message in one piece, and one in several, come out whole") {
  SctpReassembly reassembly;
  CHECK(std::get<SctpMessage>(*reassembly.add(one, binary, Buffer{1, 2}, true)).content == Buffer{1, 2});
  CHECK_FALSE(reassembly.add(one, binary, Buffer{1, 2}, false));
  CHECK_FALSE(reassembly.add(other, binary, Buffer{7}, false));
  CHECK(reassembly.bytes() == 3);
  const auto whole = reassembly.add(one, binary, Buffer{3}, true);
  REQUIRE(whole);
  CHECK(std::get<SctpMessage>(*whole).content == Buffer{1, 2, 3});
  CHECK(reassembly.bytes() == 1);
}

TEST_CASE("A message above 262144 bytes is thrown away while it comes, and said to be too large at its end") {
  SctpReassembly reassembly;
  CHECK_FALSE(reassembly.add(one, binary, Buffer(maximum_message), false));
  CHECK_FALSE(reassembly.add(one, binary, Buffer(1), false));
  CHECK(reassembly.bytes() == 0);
  CHECK_FALSE(reassembly.add(one, binary, Buffer(60000), false));
  CHECK(reassembly.bytes() == 0);
  CHECK(std::holds_alternative<SctpMessageTooLarge>(*reassembly.add(one, binary, Buffer(1), true)));
  CHECK(std::holds_alternative<SctpMessageTooLarge>(*reassembly.add(one, binary, Buffer(maximum_message + 1), true)));
  CHECK(std::holds_alternative<SctpMessage>(*reassembly.add(one, binary, Buffer(maximum_message), true)));
}

TEST_CASE("Messages that are begun and never ended hold no more than a limit together") {
  SctpReassembly reassembly;
  for (std::uint16_t stream = 0; stream < 100; ++stream) {
    reassembly.add({stream}, binary, Buffer(60000), false);
    CHECK(reassembly.bytes() <= SctpReassembly::maximum_begun);
  }
  for (std::uint16_t stream = 0; stream < 100; ++stream) reassembly.forget({stream});
  CHECK(reassembly.bytes() == 0);
}

TEST_CASE("What has begun on a stream can be forgotten, and the next message is whole") {
  SctpReassembly reassembly;
  reassembly.add(one, binary, Buffer{1}, false);
  reassembly.forget(one);
  reassembly.forget(other);
  CHECK(std::get<SctpMessage>(*reassembly.add(one, binary, Buffer{2}, true)).content == Buffer{2});
}

}  // namespace parley::transport
