#include "loadtest/source.hpp"

#include <catch2/catch.hpp>

#include "sfu/rtp/payload/codec.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "tests/unit/loadtest/clips.hpp"

using namespace parley;
using namespace parley::loadtest;

namespace {

constexpr Time start{seconds(1000)};

std::vector<Frame> run(Source& source, Time from, Duration duration) {
  std::vector<Frame> frames;
  for (Time now = from; now < from + duration; now += milliseconds(1)) source.advance(now, frames);
  return frames;
}

}  // namespace

TEST_CASE("a microphone makes 50 frames a second, each a key frame in one packet") {
  Source source(microphone());
  source.start(start);
  const auto frames = run(source, start, seconds(1));
  REQUIRE(frames.size() == 50);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CHECK(frames[i].timestamp == i * 960);
    REQUIRE(frames[i].payloads.size() == 1);
    const Buffer payload = whole(frames[i].payloads[0]);
    const auto pattern = read_pattern(pattern_in(control::Kind::audio, payload));
    REQUIRE(pattern);
    CHECK(pattern->frame == i);
    CHECK(pattern->keyframe());
  }
}

TEST_CASE("a camera's packets look like VP8 from the outside") {
  Source source(camera());
  source.start(start);
  const auto frames = run(source, start, seconds(1));
  REQUIRE(frames.size() == 15);
  CHECK(frames[0].keyframe);
  CHECK(frames[0].payloads.size() > frames[1].payloads.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (std::size_t packet = 0; packet < frames[i].payloads.size(); ++packet) {
      const Buffer payload = whole(frames[i].payloads[packet]);
      const auto descriptor = rtp::parse_vp8(payload);
      REQUIRE(descriptor);
      CHECK(descriptor->start_of_frame == (packet == 0));
      CHECK(descriptor->picture_id == i);
      CHECK(rtp::starts_keyframe(rtp::Codec::vp8, payload) == (i == 0 && packet == 0));
      const auto pattern = read_pattern(pattern_in(control::Kind::video, payload));
      REQUIRE(pattern);
      CHECK(pattern->frame == i);
      CHECK(pattern->packet == packet);
      CHECK(pattern->packets == frames[i].payloads.size());
      CHECK(pattern->reference == (i == 0 ? 0 : i - 1));
    }
  }
}

TEST_CASE("a key frame is made when asked for, in all layers, and at most every 300 ms") {
  Source source(simulcast_camera());
  source.start(start);
  run(source, start, milliseconds(500));
  source.request_keyframe();
  auto frames = run(source, start + milliseconds(500), milliseconds(100));
  REQUIRE(frames.size() == 3);
  for (const auto& frame : frames) CHECK(frame.keyframe);
  source.request_keyframe();
  for (const auto& frame : run(source, start + milliseconds(600), milliseconds(200))) CHECK_FALSE(frame.keyframe);
  frames = run(source, start + milliseconds(800), milliseconds(200));
  CHECK(std::ranges::count_if(frames, &Frame::keyframe) == 3);
}

TEST_CASE("what was not filmed during an outage is missing in the clock and not in the numbers") {
  Source source(camera());
  source.start(start);
  run(source, start, seconds(1));
  std::vector<Frame> frames;
  source.advance(start + seconds(11), frames);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].timestamp >= 10 * 90000);
  CHECK(read_pattern(pattern_in(control::Kind::video, whole(frames[0].payloads[0])))->frame == 15);
}
