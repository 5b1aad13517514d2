// What a hostile or broken peer may send: no parser may read outside of its input (the sanitizer build sees to that), and what it
// returns must lie inside. The fuzz targets in tests/fuzz do the same for longer.

#include <catch2/catch.hpp>

#include "sfu/base/random.hpp"
#include "sfu/rtp/extensions.hpp"
#include "sfu/rtp/payload/codec.hpp"
#include "sfu/rtp/payload/red.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"
#include "sfu/rtp/rtcp/compound.hpp"
#include "tests/captures/capture.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

void read_everything(const Buffer& bytes) {
  if (const auto packet = parse(bytes)) {
    REQUIRE(packet->header_size + packet->payload.size() + packet->padding == bytes.size());
    std::size_t total = 0;
    for (Elements elements(*packet); const auto element = elements.next();) total += element->value.size();
    REQUIRE(total <= packet->extension.size());
  }
  std::size_t messages = 0;
  for (Compound compound(bytes); compound.next();) ++messages;
  REQUIRE(messages <= bytes.size() / 4);
  for (int codec = 0; codec <= static_cast<int>(Codec::other); ++codec) starts_keyframe(static_cast<Codec>(codec), bytes);
  if (const auto vp8 = parse_vp8(bytes)) REQUIRE(vp8->size < bytes.size());
  if (const auto vp9 = parse_vp9(bytes)) REQUIRE(vp9->size < bytes.size());
  if (const auto red = parse_red(bytes)) {
    REQUIRE(red->primary.size() < bytes.size());
    REQUIRE(rewrite_red(bytes, *red, {1}).prefix_size == red->header_size);
  }
}

Buffer mutate(Buffer bytes, Random& random) {
  for (auto changes = random.below(6) + 1; changes > 0 && !bytes.empty(); --changes) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(bytes.size()));
    switch (random.below(4)) {
      case 0:
        bytes[at] = static_cast<std::uint8_t>(random.next());
        break;
      case 1:
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1 << random.below(8));
        break;
      case 2:
        bytes.resize(at);
        break;
      default:
        bytes.insert(bytes.begin() + at, static_cast<std::uint8_t>(random.next()));
        break;
    }
  }
  return bytes;
}

std::vector<Buffer> samples() {
  std::vector<Buffer> result;
  for (const auto& name : captures::names())
    for (const auto& packet : captures::read(name)) {
      result.push_back(captures::build(packet));
      if (!packet.payload.empty()) result.push_back(packet.payload);
    }
  Buffer rtcp(2048);
  Writer writer(rtcp);
  write(SenderReport{.sender = {1}, .blocks = {{}, {}}}, writer);
  write(Sdes{{{{1}, "someone"}}}, writer);
  write(Nack{{1}, {2}, {5, 7, 900}}, writer);
  write(Fir{{1}, {{{2}, 3}}}, writer);
  write(TransportFeedback{{1}, {2}, 3, 4, {seconds(1), {}, seconds(2), seconds(1)}}, writer);
  write(Bye{{{1}, {2}}}, writer);
  rtcp.resize(writer.size());
  result.insert(result.end(), 50, rtcp);
  return result;
}

}  // namespace

TEST_CASE("random bytes are read without harm") {
  Random random = Random::from_number(1);
  for (int round = 0; round < 20000; ++round) {
    Buffer bytes(random.below(200));
    random.fill(bytes);
    if (!bytes.empty() && random.below(2)) bytes[0] = static_cast<std::uint8_t>(0x80 | (bytes[0] & 0x3F));
    if (bytes.size() > 4 && random.below(2)) {
      bytes[1] = static_cast<std::uint8_t>(200 + random.below(8));
      bytes[2] = 0;
      bytes[3] = static_cast<std::uint8_t>(random.below(bytes.size() / 4));
    }
    read_everything(bytes);
  }
}

TEST_CASE("changed packets of browsers are read without harm") {
  Random random = Random::from_number(2);
  const auto originals = samples();
  for (int round = 0; round < 20000; ++round) read_everything(mutate(originals[random.below(originals.size())], random));
}
