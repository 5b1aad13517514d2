#include "sfu/transport/classify.hpp"

#include <catch2/catch.hpp>

namespace parley::transport {

TEST_CASE("The first byte tells the protocol as RFC 7983 and RFC 9443 divide it") {
  const auto kind = [](int first) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(first), 0};
    return classify(bytes);
  };
  for (int first = 0; first < 256; ++first) {
    INFO(first);
    PacketKind expected = PacketKind::unknown;
    if (first <= 3) expected = PacketKind::stun;
    if (first >= 20 && first <= 63) expected = PacketKind::dtls;
    if (first >= 64 && first <= 79) expected = PacketKind::turn_channel;
    if (first >= 128 && first <= 191) expected = PacketKind::rtp;
    CHECK(kind(first) == expected);
  }
}

TEST_CASE("RTCP is told from RTP by its second byte") {
  const auto kind = [](int second) {
    const std::uint8_t bytes[] = {0x80, static_cast<std::uint8_t>(second)};
    return classify(bytes);
  };
  for (int second = 0; second < 256; ++second) {
    INFO(second);
    CHECK(kind(second) == (second >= 192 && second <= 223 ? PacketKind::rtcp : PacketKind::rtp));
  }
}

TEST_CASE("Too little to tell is unknown") {
  CHECK(classify({}) == PacketKind::unknown);
  const std::uint8_t one[] = {0x80};
  CHECK(classify(one) == PacketKind::unknown);
}

}  // namespace parley::transport
