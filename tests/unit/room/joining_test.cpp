// How soon somebody who joins sees a picture, and what that costs the publisher.

#include <catch2/catch.hpp>

#include "tests/support/local_call.hpp"

using namespace parley;
using namespace parley::test;

namespace {

const Address server = *Address::parse("127.0.0.1", 40000);

struct JoinedCall : LocalCall {
  JoinedCall() : LocalCall({.tracks = {loadtest::camera()}, .publishers = 1, .viewers = 1, .deliver_media = true}, server) {}

  /// From the moment at which media can flow to a new viewer until it shows a picture.
  Duration join() {
    const auto viewer = add_viewer();
    const Time limit = now() + seconds(5);
    while (peer(viewer).tracks_shown() == 0 && now() < limit) run(milliseconds(1));
    REQUIRE(peer(viewer).tracks_shown() == 1);
    return now() - *peer(viewer).receiving_since();
  }
  std::uint64_t requests() { return peer(0).publisher()->counters()[loadtest::SendCount::keyframe_requests]; }
};

constexpr Duration one_frame = milliseconds(67);

}  // namespace

TEST_CASE("who joins soon after another one sees the same key frame, and nobody has to make a new one") {
  JoinedCall call;
  call.run(seconds(5));
  call.join();
  const auto asked = call.requests();
  for (int i = 0; i < 3; ++i) {
    CHECK(call.join() <= one_frame + milliseconds(20));
    call.run(milliseconds(30));
  }
  CHECK(call.requests() == asked);
  call.run(seconds(1));
  for (std::size_t viewer = 1; viewer <= 5; ++viewer) {
    const auto quality = call.peer(viewer).quality(call.now());
    CHECK(quality.missing == 0);
    CHECK(quality.misplaced == 0);
    CHECK(quality.damaged == 0);
    CHECK(quality.freezes == 0);
  }
}

TEST_CASE("without a fresh key frame whoever joins asks for one") {
  JoinedCall call;
  call.run(seconds(5));
  const auto asked = call.requests();
  CHECK(call.join() < milliseconds(600));
  CHECK(call.requests() == asked + 1);
}

TEST_CASE("what was filmed while a camera was muted is never shown") {
  JoinedCall call;
  call.run(seconds(5));
  call.join();  // there is a fresh key frame now
  const TrackId camera = call.track(0, 0);
  call.tell(control::Mute{camera, true});
  call.run(milliseconds(200));
  const auto asked = call.requests();
  const auto viewer = call.add_viewer();
  call.run(milliseconds(300));
  CHECK(call.peer(viewer).tracks_shown() == 0);
  call.tell(control::Mute{camera, false});
  call.run(seconds(1));
  CHECK(call.peer(viewer).tracks_shown() == 1);
  CHECK(call.requests() > asked);
}
