#include "sfu/media/rtx.hpp"

#include <catch2/catch.hpp>

#include "tests/captures/capture.hpp"
#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

TEST_CASE("Chromium's retransmissions are the packets that they repeat") {
  const auto packets = captures::read("wire-cr-sim3-vp8-noDD");
  const auto original = captures::of_ssrc(packets, 2902432194).front();
  const Buffer bytes = captures::build(captures::of_ssrc(packets, 4292387356).front());
  const auto rtx = rtp::parse(bytes);
  REQUIRE(rtx);
  const auto unwrapped = unwrap_rtx(*rtx, original.header.ssrc, original.header.payload_type);
  REQUIRE(unwrapped);
  CHECK(unwrapped->ssrc == original.header.ssrc);
  CHECK(unwrapped->payload_type == original.header.payload_type);
  CHECK(unwrapped->sequence == original.header.sequence);
  CHECK(unwrapped->timestamp == original.header.timestamp);
  CHECK(unwrapped->marker == original.header.marker);
  CHECK(unwrapped->payload.size() == original.payload.size());
}

TEST_CASE("a retransmission without an original sequence number is refused") {
  CHECK_FALSE(unwrap_rtx(view(1, 0, {}), {2}, {96}));
  CHECK_FALSE(unwrap_rtx(view(1, 0, as_bytes("x")), {2}, {96}));
  CHECK(unwrap_rtx(view(1, 0, as_bytes("xy")), {2}, {96})->padding_only());
}

TEST_CASE("an outgoing retransmission has the original sequence number in front of what was sent") {
  rtp::PayloadEdit edit;
  edit.prefix_bytes[0] = 7;
  edit.prefix_size = 1;
  edit.skip = 3;
  const auto rtx = prepend_original_sequence(0xABCD, edit);
  CHECK(Buffer(rtx.prefix().begin(), rtx.prefix().end()) == Buffer{0xAB, 0xCD, 7});
  CHECK(rtx.skip == 3);
}

TEST_CASE("outgoing streams begin in the lower half of the sequence numbers") {
  Random random = Random::from_number(3);
  for (int i = 0; i < 1000; ++i) {
    const Sequence first = first_outgoing_sequence(random);
    REQUIRE(first >= 0);
    REQUIRE(first < 1 << 15);
  }
}
