#include "loadtest/clips/packetize.hpp"

#include <catch2/catch.hpp>

#include "sfu/base/random.hpp"
#include "tests/unit/loadtest/clips.hpp"

using namespace parley;
using namespace parley::loadtest;

namespace {

std::vector<Buffer> payloads(const Clip& clip, std::size_t layer, std::uint32_t number) {
  std::vector<Buffer> payloads;
  const auto parts = clip.parts(layer, number);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const PictureInfo info{.number = number,
                           .keyframe = clip.keyframe(number),
                           .first = i == 0,
                           .last = i + 1 == parts.size(),
                           .simulcast = clip.layers() > 1,
                           .width = clip.size(layer).width,
                           .height = clip.size(layer).height};
    std::array<std::uint8_t, maximum_descriptor> descriptor;
    Writer writer(descriptor);
    write_descriptor(clip.codec(), info, writer);
    REQUIRE(writer.ok());
    Buffer payload(writer.written().begin(), writer.written().end());
    payload.insert(payload.end(), parts[i].prefix().begin(), parts[i].prefix().end());
    payload.insert(payload.end(), parts[i].body.begin(), parts[i].body.end());
    payloads.push_back(payload);
  }
  return payloads;
}

std::vector<Bytes> views(const std::vector<Buffer>& payloads) { return {payloads.begin(), payloads.end()}; }

}  // namespace

TEST_CASE("a frame comes out of its packets as it went in") {
  const auto clip = load_clip(GENERATE("vp8", "vp9", "h264", "opus", "vp8-simulcast"));
  for (std::size_t layer = 0; layer < clip.layers(); ++layer) {
    for (std::uint32_t number = 0; number < clip.frames(); ++number) {
      const auto packets = payloads(clip, layer, number);
      Buffer frame;
      REQUIRE(assemble_frame(clip.codec(), views(packets), frame));
      REQUIRE(frame == clip.frame(layer, number));
      for (const auto& packet : packets) REQUIRE(packet.size() <= maximum_payload);
      if (clip.codec() != rtp::Codec::opus) REQUIRE(rtp::starts_keyframe(clip.codec(), packets[0]) == clip.keyframe(number));
    }
  }
}

TEST_CASE("the packets of a frame are about equally large") {
  const auto clip = load_clip(GENERATE("vp8", "vp9"));
  for (std::uint32_t number = 0; number < clip.frames(); ++number) {
    const auto parts = clip.parts(0, number);
    const auto [smallest, largest] = std::ranges::minmax(parts, {}, [](const FramePart& part) { return part.body.size(); });
    REQUIRE(largest.body.size() - smallest.body.size() <= 1);
  }
}

TEST_CASE("a frame without one of its packets, or with two swapped, is no frame") {
  const auto clip = load_clip(GENERATE("vp8", "vp9", "h264"));
  std::uint32_t largest = 0;
  for (std::uint32_t number = 0; number < clip.frames(); ++number)
    if (clip.parts(0, number).size() > clip.parts(0, largest).size()) largest = number;
  auto packets = payloads(clip, 0, largest);
  REQUIRE(packets.size() > 3);
  Buffer frame;
  SECTION("the first one") {
    packets.erase(packets.begin());
    // H.264 does not number its packets: what is left is whole units, without the parameter sets.
    if (clip.codec() == rtp::Codec::h264) packets.erase(packets.begin());
    CHECK_FALSE(assemble_frame(clip.codec(), views(packets), frame));
  }
  SECTION("the last one") {
    packets.pop_back();
    // VP8 does not mark the end of a frame, RTP does.
    if (clip.codec() != rtp::Codec::vp8) CHECK_FALSE(assemble_frame(clip.codec(), views(packets), frame));
  }
  SECTION("the first two swapped") {
    std::swap(packets[clip.codec() == rtp::Codec::h264 ? 1 : 0], packets[2]);
    CHECK_FALSE(assemble_frame(clip.codec(), views(packets), frame));
  }
  SECTION("none at all") { CHECK_FALSE(assemble_frame(clip.codec(), {}, frame)); }
}

TEST_CASE("parameter sets travel together in front of an H.264 key frame, and in nothing else") {
  const auto clip = load_clip("h264");
  for (std::uint32_t number = 0; number < clip.frames(); ++number) {
    const std::uint8_t type = clip.parts(0, number)[0].body[0] & 0x1F;
    CHECK((type == 24 && clip.parts(0, number)[0].head_size == 0) == clip.keyframe(number));
  }
}

TEST_CASE("hostile payloads are no frame, and nothing else happens") {
  Random random = Random::from_number(5);
  for (const auto codec : {rtp::Codec::vp8, rtp::Codec::vp9, rtp::Codec::h264, rtp::Codec::opus}) {
    for (int round = 0; round < 5000; ++round) {
      std::vector<Buffer> packets(1 + random.next32() % 4);
      for (auto& packet : packets) {
        packet.resize(random.next32() % 12);
        for (auto& byte : packet) byte = static_cast<std::uint8_t>(random.next32());
      }
      Buffer frame;
      assemble_frame(codec, views(packets), frame);
      CHECK(frame.size() <= 64);
      std::deque<Buffer> aggregates;
      for (const auto& part : split_frame(codec, packets[0], aggregates)) CHECK(part.body.size() <= maximum_payload);
    }
  }
}
