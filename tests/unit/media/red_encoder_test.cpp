#include "sfu/media/red_encoder.hpp"

#include <catch2/catch.hpp>

#include "sfu/rtp/payload/red.hpp"

using namespace parley;
using namespace parley::media;

namespace {

constexpr PayloadType opus{111};

MediaPacket packet(Sequence sequence, Timestamp timestamp, Bytes payload) {
  MediaPacket result;
  result.codec = rtp::Codec::opus;
  result.payload_type = {96};
  result.sequence = sequence;
  result.timestamp = timestamp;
  result.payload = payload;
  return result;
}

/// The whole payload, as it would be sent.
Buffer encoded(const MediaPacket& now, const MediaPacket* previous) {
  RedPrefix prefix;
  encode_red(now, previous, opus, prefix);
  Buffer whole(prefix.bytes().begin(), prefix.bytes().end());
  whole.insert(whole.end(), now.payload.begin(), now.payload.end());
  return whole;
}

std::size_t redundant_blocks(const Buffer& whole) {
  const auto red = rtp::parse_red(whole);
  REQUIRE(red);
  CHECK(red->primary_type == opus);
  return red->redundant;
}

}  // namespace

TEST_CASE("a packet carries the one before it once more, as Chromium writes it") {
  const auto before = packet(10, 48000, as_bytes("before"));
  const auto now = packet(11, 48960, as_bytes("now"));
  const Buffer whole = encoded(now, &before);
  // F and 111; 960 units back and six bytes; then 111 alone.
  CHECK(whole[0] == 0xEF);
  CHECK(whole[1] == 0x0F);
  CHECK(whole[2] == 0x00);
  CHECK(whole[3] == 6);
  CHECK(whole[4] == 0x6F);
  CHECK(as_text(Bytes(whole).subspan(5)) == "beforenow");
  const auto red = rtp::parse_red(whole);
  REQUIRE(red);
  CHECK(as_text(red->primary) == "now");
}

TEST_CASE("the first packet stands alone") {
  CHECK(encoded(packet(11, 48960, as_bytes("now")), nullptr) == Buffer{0x6F, 'n', 'o', 'w'});
}

TEST_CASE("what the block header cannot say is left out") {
  const Buffer longest(RedPrefix::longest_block), too_long(RedPrefix::longest_block + 1);
  const auto now = packet(11, 48960, as_bytes("now"));
  auto before = packet(10, 48960 - 16383, longest);
  CHECK(redundant_blocks(encoded(now, &before)) == 1);
  before.timestamp -= 1;
  CHECK(redundant_blocks(encoded(now, &before)) == 0);
  before.timestamp = 48960;
  CHECK(redundant_blocks(encoded(now, &before)) == 0);
  before = packet(10, 48000, too_long);
  CHECK(redundant_blocks(encoded(now, &before)) == 0);
  before = packet(10, 48000, as_bytes("another codec"));
  before.payload_type = {9};
  CHECK(redundant_blocks(encoded(now, &before)) == 0);
}

TEST_CASE("two long packets do not share a datagram") {
  const Buffer half(700);
  const auto before = packet(10, 48000, half);
  CHECK(redundant_blocks(encoded(packet(11, 48960, half), &before)) == 0);
}

TEST_CASE("the cache's padding is not repeated") {
  const Buffer padded{'a', 'b', 0, 2};
  auto before = packet(10, 48000, padded);
  before.padding = 2;
  CHECK(as_text(Bytes(encoded(packet(11, 48960, as_bytes("now")), &before)).subspan(5)) == "abnow");
}
