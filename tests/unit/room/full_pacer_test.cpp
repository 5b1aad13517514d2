// More comes for a receiver than may wait for it: five large videos at once, while nobody knows yet what the network carries.

#include <catch2/catch.hpp>

#include "tests/support/local_call.hpp"

using namespace parley;
using namespace parley::test;

namespace {

const Address server = *Address::parse("127.0.0.1", 40000);

/// 5.2 Mbit/s, in one size.
loadtest::SourceSettings large_camera() {
  auto camera = loadtest::camera();
  camera.frames_per_second = 30;
  camera.layers = {{"", 21'600}};
  return camera;
}

struct FullCall : LocalCall {
  static constexpr std::size_t people = 5, newcomers = 10;

  FullCall()
      : LocalCall({.tracks = {loadtest::microphone(), large_camera()}, .publishers = people, .viewers = 1, .deliver_media = true},
                  server) {
    run(seconds(5));
  }
  std::uint64_t keyframe_requests() {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < people; ++i) sum += peer(i).publisher()->counters()[loadtest::SendCount::keyframe_requests];
    return sum;
  }
  /// Of those who came last: the longest time in which a track of this kind showed nothing new.
  Duration longest_gap(control::Kind kind) {
    Duration longest{};
    for (std::size_t viewer = people + 1; viewer <= people + newcomers; ++viewer)
      for (const auto& [mid, track] : peer(viewer).subscriber()->tracks())
        if (track.kind() == kind) longest = std::max(longest, track.probe().longest_gap());
    return longest;
  }
};

}  // namespace

TEST_CASE("a picture that does not fit is left out until a key frame: nothing is missing, and nothing is asked for in vain") {
  FullCall call;
  const auto asked = call.keyframe_requests();
  const auto before = call.now();
  for (std::size_t i = 0; i < FullCall::newcomers; ++i) {
    call.add_viewer();
    call.run(milliseconds(50));
  }
  call.run(seconds(4));
  REQUIRE(call.drops()[DropReason::pacer_full] > 0);
  CHECK(call.engine().statistics()[room::Metric::nack_received] == 0);
  for (std::size_t viewer = FullCall::people + 1; viewer <= FullCall::people + FullCall::newcomers; ++viewer) {
    const auto quality = call.peer(viewer).quality(call.now());
    CHECK(quality.missing == 0);
    CHECK(quality.misplaced == 0);
    CHECK(call.now() - *quality.last_frame < milliseconds(40));
  }
  CHECK(call.longest_gap(control::Kind::video) < seconds(1));
  CHECK(call.longest_gap(control::Kind::audio) == milliseconds(20));
  const auto most = (call.now() - before) / media::KeyframeRequester::minimum_interval + 1;
  CHECK(call.keyframe_requests() - asked <= FullCall::people * static_cast<std::uint64_t>(most));
}
