// What a viewer sees when the network on the way to him gets worse and better again: a whole call, with a real Engine that
// measures, decides, paces and switches. The estimator alone has cases of its own: parley-sim.

#include <catch2/catch.hpp>

#include "tests/sim/world.hpp"

using namespace parley;
using namespace parley::sim;
using loadtest::microphone;
using loadtest::ProbeCount;

namespace {

/// 0.15, 0.5 and 2.5 Mbit/s, 30 pictures a second: what Chromium makes of 720p.
loadtest::SourceSettings hd_camera() {
  auto camera = loadtest::simulcast_camera();
  camera.frames_per_second = 30;
  camera.layers = {{"q", 625}, {"h", 2083}, {"f", 10416}};
  return camera;
}

/// 20 ms one way, and 300 ms of queue.
Conditions link_of(std::uint64_t bits_per_second) {
  return {.delay = milliseconds(20), .bits_per_second = bits_per_second, .queue_bytes = bits_per_second * 300 / 8000};
}

/// Ada sends, Bob watches through a link that can be changed.
struct Watching {
  explicit Watching(std::uint64_t seed) : world({.seed = seed}) {
    ada = &world.join(1, {microphone(), hd_camera()});
    bob = &world.join(1, {microphone()});
  }
  void set_downlink(std::uint64_t bits_per_second) {
    world.network().downlink(bob->number()).set_conditions(link_of(bits_per_second));
  }
  /// The encoding that he gets; -1: none was told yet, or he gets nothing.
  int encoding() const {
    if (bob->qualities().empty()) return -1;
    const auto& quality = bob->qualities().begin()->second;
    return quality.current.paused ? -1 : quality.current.encoding;
  }
  Duration until_encoding(int wanted, Duration limit) {
    const Time before = world.now();
    const bool reached = world.run_until(limit, [&] { return encoding() == wanted; });
    return reached ? world.now() - before : Duration::max();
  }

  World world;
  Client* ada = nullptr;
  Client* bob = nullptr;
};

}  // namespace

TEST_CASE("from 4 to 0.4 Mbit/s and back: the picture follows within seconds, and does not stand still") {
  Watching call(1);
  call.set_downlink(4'000'000);
  CHECK(call.until_encoding(2, seconds(10)) < seconds(10));
  call.world.run_for(seconds(5));
  INFO(call.world.describe());
  CHECK(call.encoding() == 2);

  call.bob->forgive(call.world.now());
  call.set_downlink(400'000);
  const auto down = call.world.run_until(seconds(4), [&] { return call.encoding() == 0; });
  CHECK(down);
  call.world.run_for(seconds(10));
  CHECK(call.encoding() == 0);
  CHECK(call.bob->longest_gap() < seconds(1));

  call.bob->forgive(call.world.now());
  call.set_downlink(4'000'000);
  CHECK(call.until_encoding(2, seconds(10)) < seconds(10));
  call.world.run_for(seconds(5));
  CHECK(call.encoding() == 2);
  CHECK(call.bob->longest_gap() < seconds(1));
  CHECK(call.world.violations().empty());
}

TEST_CASE("a track that nobody watches is not wanted, and is wanted again with the first viewer") {
  World world({.seed = 2});
  Client& ada = world.join(1, {microphone(), hd_camera()});
  world.run_for(seconds(6));
  REQUIRE(ada.wanted().size() == 1);
  CHECK_FALSE(ada.wanted().begin()->second.any);
  world.join(1, {microphone()});
  world.run_for(seconds(1));
  CHECK(ada.wanted().begin()->second.any);
  CHECK(ada.wanted().begin()->second.rids == std::vector<std::string>{"q", "h", "f"});
  CHECK(world.violations().empty());
}
