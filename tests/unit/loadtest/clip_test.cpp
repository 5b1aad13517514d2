#include "loadtest/clips/clip.hpp"

#include <catch2/catch.hpp>

#include "loadtest/clips/codec.hpp"
#include "loadtest/clips/marking.hpp"
#include "sfu/base/random.hpp"
#include "tests/unit/loadtest/clips.hpp"

using namespace parley;
using namespace parley::loadtest;

namespace {

ClipContent small_clip() {
  return {.codec = rtp::Codec::vp8,
          .frame_duration = 3600,
          .layers = {{160, 90}, {320, 180}},
          .frames = {{true, Buffer(10, 1)}, {true, Buffer(20, 2)}, {false, Buffer(5, 3)}, {false, Buffer(2000, 4)}}};
}

}  // namespace

TEST_CASE("every picture of a clip shows its number, in every size") {
  const auto clip = load_clip(GENERATE("vp8", "vp9", "h264", "vp8-simulcast", "h264-simulcast"));
  CHECK(clip.frames() >= 2 * frames_per_group);
  for (std::size_t layer = 0; layer < clip.layers(); ++layer) {
    const auto decoder = make_video_decoder(clip.codec());
    for (std::uint32_t number = 0; number < clip.frames(); ++number) {
      INFO("layer " << layer << ", frame " << number);
      CHECK(clip.keyframe(number) == (number % frames_per_group == 0));
      const auto picture = decoder->decode(clip.frame(layer, number));
      REQUIRE(picture);
      CHECK(picture->width == clip.size(layer).width);
      CHECK(picture->height == clip.size(layer).height);
      REQUIRE(read_number(*picture) == number);
    }
  }
}

TEST_CASE("every frame of the sound says its number, where it begins anew too") {
  const auto clip = load_clip("opus");
  REQUIRE(clip.frames() == sound_numbers);
  const auto decoder = make_opus_decoder();
  for (std::uint32_t number = 0; number < 2 * clip.frames(); ++number) {
    const auto samples = decoder->decode(clip.frame(0, number % clip.frames()));
    REQUIRE(samples.size() == samples_per_frame);
    INFO("frame " << number);
    REQUIRE(hear_number(samples, opus_delay) == number % clip.frames());
  }
}

TEST_CASE("bit rates are those of a real call") {
  const auto clip = load_clip("vp8-simulcast");
  const double seconds = clip.frames() / double{video_frames_per_second};
  for (const auto& [layer, kilobits] : {std::pair{0, 100.0}, std::pair{1, 300.0}, std::pair{2, 1000.0}}) {
    double octets = 0;
    for (std::uint32_t number = 0; number < clip.frames(); ++number) octets += double(clip.frame(layer, number).size());
    CHECK(octets * 8 / 1000 / seconds == Approx(kilobits).epsilon(0.2));
  }
}

TEST_CASE("after the last key frame comes the first one") {
  const auto clip = load_clip("vp8");
  CHECK(clip.next_keyframe(0) == 0);
  CHECK(clip.next_keyframe(1) == frames_per_group);
  CHECK(clip.next_keyframe(frames_per_group) == frames_per_group);
  CHECK(clip.next_keyframe(clip.frames() - 1) == 0);
  CHECK(clip.next_keyframe(clip.frames()) == 0);
}

TEST_CASE("a clip that was written is read as the same") {
  const auto clip = parse_clip(write_clip(small_clip()));
  REQUIRE(clip);
  CHECK(clip->frames() == 2);
  CHECK(clip->layers() == 2);
  CHECK(clip->frame(1, 1) == Buffer(2000, 4));
  CHECK(clip->parts(1, 1).size() == 2);
  CHECK(clip->parts(0, 0).size() == 1);
}

TEST_CASE("a file that is cut off, goes on or says nonsense is refused") {
  const Buffer whole = write_clip(small_clip());
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(parse_clip(Bytes(whole).first(size)));
  Buffer longer = whole;
  longer.push_back(0);
  CHECK_FALSE(parse_clip(longer));
  for (const std::size_t at : {std::size_t{0}, std::size_t{8}, std::size_t{9}, std::size_t{10}}) {
    Buffer wrong = whole;
    wrong[at] = 0xEE;
    CHECK_FALSE(parse_clip(wrong));
  }
  Buffer many = whole;
  Writer(MutableBytes(many).subspan(13)).u32(0xFFFFFFFF);
  CHECK_FALSE(parse_clip(many));
  Buffer huge = whole;
  Writer(MutableBytes(huge).subspan(26)).u32(0xFFFFFFFF);
  CHECK_FALSE(parse_clip(huge));
}

TEST_CASE("frames that do not fit together are refused") {
  auto content = small_clip();
  SECTION("no key frame at the beginning") { content.frames[0].keyframe = content.frames[1].keyframe = false; }
  SECTION("a key frame in one layer only") { content.frames[1].keyframe = false; }
  SECTION("a layer is missing") { content.frames.pop_back(); }
  SECTION("an empty frame") { content.frames[2].bytes.clear(); }
  SECTION("no layers") { content.layers.clear(); }
  SECTION("no frames") { content.frames.clear(); }
  SECTION("no time between frames") { content.frame_duration = 0; }
  CHECK_FALSE(make_clip(content));
}

TEST_CASE("damaged files are refused or read, and nothing else happens") {
  Random random = Random::from_number(3);
  const Buffer whole = write_clip(small_clip());
  for (int round = 0; round < 20000; ++round) {
    Buffer damaged = whole;
    for (std::uint32_t i = 0; i < 1 + random.next32() % 4; ++i)
      damaged[random.next32() % std::min<std::size_t>(damaged.size(), 60)] = static_cast<std::uint8_t>(random.next32());
    if (const auto clip = parse_clip(damaged)) CHECK(clip->frames() > 0);
  }
}
