// The smallest call that there is, and the best place to see the whole of Parley at work. Everything in it is real: the signaling
// Hub, the worker's Engine, ICE, DTLS, SRTP, RTP. Only the clock, the network and the two people are simulated.

#include <catch2/catch.hpp>

#include "tests/sim/world.hpp"

using namespace parley;
using namespace parley::sim;
using loadtest::camera;
using loadtest::microphone;
using loadtest::ProbeCount;

TEST_CASE("two people talk") {
  World world({.seed = 1});

  // Ada and Bob come into room 1, each with a microphone and a camera.
  Client& ada = world.join(1, {microphone(), camera()});
  Client& bob = world.join(1, {microphone(), camera()});

  // Each opens two connections: one to send, one to receive. It takes a few round trips of 20 ms until both see each other.
  const bool met = world.run_until(seconds(2), [&] { return world.everyone_gets(1); });
  INFO(world.describe());
  REQUIRE(met);

  // They talk for ten seconds. A microphone makes 50 frames a second, a camera 15.
  world.remember();
  world.run_for(seconds(10));
  REQUIRE(world.everyone_gets(149));

  // On a perfect network nothing is lost, nothing arrives twice, nothing has to be repaired, and the picture never stands still.
  for (const Client* person : {&ada, &bob}) {
    const auto received = person->received();
    CHECK(received[ProbeCount::frames_shown] >= 2 * 10 * (50 + 15) / 2 - 2);
    CHECK(received[ProbeCount::duplicates] == 0);
    CHECK(received[ProbeCount::repaired] == 0);
    CHECK(received[ProbeCount::frames_abandoned] == 0);
    CHECK(received[ProbeCount::freezes] == 0);
  }
  CHECK(world.network().worker_tap().holes() == 0);

  // Bob leaves. Ada is told, and her connection stays.
  world.leave(bob);
  world.run_for(seconds(1));
  CHECK(ada.others().empty());
  CHECK(world.worker(0)->participants() == 1);

  // When Ada has left too, nothing is left of the call anywhere.
  world.leave(ada);
  world.run_for(seconds(1));
  CHECK(world.worker(0)->empty());
  CHECK(world.hub().rooms == 0);
  CHECK(world.hub().participants == 0);
  CHECK(world.hub().clients == 0);

  // And in no moment did anything happen that must never happen: see Network and World::check.
  CHECK(world.violations().empty());
}
