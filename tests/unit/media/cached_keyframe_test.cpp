#include "sfu/media/cached_keyframe.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

/// A source of frames with three packets each.
struct Camera {
  void send(Sequence sequence, bool keyframe = false, std::size_t size = 500) {
    const Buffer payload(size);
    MediaPacket media = packet(sequence, sequence / 3, keyframe);
    media.arrival = at(milliseconds(10) * sequence);
    media.payload = payload;
    if (cache.store(media)) cached.receive(media);
  }
  void frames(Sequence first, Sequence end) {
    for (Sequence sequence = first; sequence < end; ++sequence) send(sequence, sequence % 30 == 0);
  }
  std::optional<CachedKeyframe::Run> find(Duration now) const { return cached.find(at(now), cache); }

  PacketCache cache{256};
  CachedKeyframe cached;
};

}  // namespace

TEST_CASE("somebody who joins begins with the newest key frame and gets all that followed") {
  Camera camera;
  CHECK_FALSE(camera.find({}));
  camera.frames(0, 67);
  const auto run = camera.find(milliseconds(700));
  REQUIRE(run);
  CHECK(run->first == 60);
  CHECK(run->last == 66);
  CHECK(run->bytes == 7 * 504);  // as the cache pads them
}

TEST_CASE("a key frame that is older than a second is of no use") {
  Camera camera;
  camera.frames(0, 5);
  CHECK(camera.find(seconds(1)));
  CHECK_FALSE(camera.find(seconds(1) + milliseconds(1)));
}

TEST_CASE("a key frame with a hole is of no use until the hole is filled") {
  Camera camera;
  for (const Sequence sequence : {30, 31, 33}) camera.send(sequence, sequence == 30);
  CHECK_FALSE(camera.find(milliseconds(400)));
  camera.send(32);
  CHECK(camera.find(milliseconds(400)));
}

TEST_CASE("what is too large to be sent at once is left to a new key frame") {
  Camera camera;
  camera.send(0, true, 1400);
  for (Sequence sequence = 1; sequence < 72; ++sequence) camera.send(sequence, false, 1400);
  CHECK_FALSE(camera.find(milliseconds(720)));
  Camera many;
  many.send(0, true, 10);
  for (Sequence sequence = 1; sequence < 300; ++sequence) many.send(sequence, false, 10);
  CHECK_FALSE(many.find(milliseconds(500)));
}

TEST_CASE("the first packet of a key frame counts, whichever comes first and however many say that they begin it") {
  Camera camera;
  camera.send(31, true);
  camera.send(30, true);
  camera.send(32, true);
  camera.send(3, true);
  REQUIRE(camera.find(milliseconds(400)));
  CHECK(camera.find(milliseconds(400))->first == 30);
}
