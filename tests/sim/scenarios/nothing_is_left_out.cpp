// What the worker sends on one stream is numbered without a hole, whatever happens between it and the subscriber: it never leaves
// out a number of its own, so that a hole is always a loss and a receiver can ask for it.

#include <catch2/catch.hpp>

#include "tests/sim/world.hpp"

using namespace parley;
using namespace parley::sim;
using loadtest::camera;
using loadtest::microphone;
using loadtest::ProbeCount;
using loadtest::simulcast_camera;

namespace {

/// Everything reaches the worker; much of what it sends is lost, late or doubled.
void spoil_downlinks(World& world) {
  const Conditions bad{.delay = milliseconds(30), .jitter = milliseconds(20), .loss = 0.05, .duplication = 0.02, .reorder = 0.02};
  for (const Client* client : world.clients()) world.network().downlink(client->number()).set_conditions(bad);
}

}  // namespace

TEST_CASE("a worker numbers what it sends without holes, and repairs what the network loses") {
  World world({.seed = 3});
  for (int i = 0; i < 3; ++i) world.join(1, {microphone(), camera()});
  spoil_downlinks(world);
  world.run_for(seconds(20));
  INFO(world.describe());
  CHECK(world.everyone_gets(15 * 15));
  CHECK(world.network().worker_tap().holes() == 0);
  CHECK(world.violations().empty());

  // 5 % of about 9000 video packets were lost, and nearly every one was sent again in time.
  Counters<ProbeCount> all;
  for (const Client* client : world.clients()) all += client->received();
  CHECK(all[ProbeCount::repaired] > 100);
  CHECK(all[ProbeCount::frames_abandoned] < 40);
}

TEST_CASE("a subscriber gets one layer of a simulcast publisher, numbered without holes") {
  World world({.seed = 4});
  world.join(1, {microphone(), simulcast_camera()});
  const Client& viewer = world.join(1, {});
  world.run_for(seconds(10));
  INFO(world.describe());
  CHECK(viewer.frames_from(1, 2).value_or(0) > 9 * 15);
  CHECK(viewer.received()[ProbeCount::frames_abandoned] == 0);
  CHECK(world.network().worker_tap().holes() == 0);
  CHECK(world.violations().empty());
}

TEST_CASE("rooms do not hear each other") {
  World world({.seed = 5});
  for (std::uint64_t room = 1; room <= 3; ++room)
    for (int i = 0; i < 2; ++i) world.join(room, {microphone(), camera()});
  world.run_for(seconds(5));
  INFO(world.describe());
  CHECK(world.everyone_gets(30));
  for (const Client* client : world.clients()) CHECK(client->others().size() == 1);
  CHECK(world.violations().empty());  // World::check looks at the room that each packet names
}
