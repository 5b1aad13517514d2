// Two hundred calls, each with the bad luck of its own seed: loss, bursts, jitter, reordering, duplicates, partitions, new NAT
// ports, broken WebSockets, dying workers, ICE restarts, people who leave. While it lasts nothing may happen that must never
// happen; when it is over, everybody must see and hear everybody again without being asked to do anything.
//
// A failure prints its seed. PARLEY_SEED=17 ./sim "[swarm]" runs that one alone.

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/sim/swarm.hpp"

using namespace parley;
using namespace parley::sim;

namespace {

/// After the last fault. A client notices silence after 8 s, and then needs a few round trips.
constexpr Duration recovery = seconds(15);

World make_world(const Swarm& swarm) { return World({.seed = swarm.seed, .workers = swarm.workers}); }

/// Everybody goes, and after a while nothing may be left of them.
void empty_the_world(World& world) {
  for (Client* client : world.clients())
    if (!client->left()) world.leave(*client);
  world.run_for(seconds(40));  // who left with a broken WebSocket is remembered for 15 s, and its consent for 30 s
  CHECK(world.hub().rooms == 0);
  CHECK(world.hub().participants == 0);
  CHECK(world.hub().clients == 0);
  CHECK(world.workers_are_empty());
}

void live_through(std::uint64_t seed) {
  const Swarm swarm = draw_swarm(seed);
  World world = make_world(swarm);
  strike(world, swarm);
  world.remember();
  const bool recovered = world.run_until(recovery, [&] { return world.everyone_gets(15); });
  INFO(describe(swarm) << "\n" << world.describe());
  CHECK(recovered);
  CHECK(world.who_is_missing(15).empty());
  empty_the_world(world);
  CHECK(world.violations().empty());
}

/// PARLEY_SEED replays one seed, in whichever part of the 200 it lies.
void live_through(std::uint64_t first, std::uint64_t last) {
  const char* const wanted = std::getenv("PARLEY_SEED");
  const std::uint64_t only = wanted ? std::strtoull(wanted, nullptr, 10) : 0;
  for (std::uint64_t seed = first; seed <= last; ++seed)
    if (!wanted || seed == only) live_through(seed);
}

}  // namespace

// In four parts, so that they can run beside each other.
TEST_CASE("after any fault everybody sees and hears everybody again: seeds 1 to 50", "[swarm]") { live_through(1, 50); }
TEST_CASE("after any fault everybody sees and hears everybody again: seeds 51 to 100", "[swarm]") { live_through(51, 100); }
TEST_CASE("after any fault everybody sees and hears everybody again: seeds 101 to 150", "[swarm]") { live_through(101, 150); }
TEST_CASE("after any fault everybody sees and hears everybody again: seeds 151 to 200", "[swarm]") { live_through(151, 200); }

TEST_CASE("one seed is one history, bit for bit", "[swarm]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::uint64_t traces[2];
    for (auto& trace : traces) {
      const Swarm swarm = draw_swarm(seed);
      World world = make_world(swarm);
      strike(world, swarm);
      world.run_for(seconds(5));
      trace = world.trace();
    }
    INFO("seed " << seed);
    CHECK(traces[0] == traces[1]);
  }
}
