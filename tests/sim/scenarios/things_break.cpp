// One fault at a time, with the promise that Parley makes about it. (Two hundred bad days has all of them at once.)

#include <catch2/catch.hpp>

#include "tests/sim/world.hpp"

using namespace parley;
using namespace parley::sim;
using loadtest::camera;
using loadtest::microphone;
using loadtest::ProbeCount;

namespace {

/// Three people who have been talking for five seconds.
class Call {
 public:
  explicit Call(std::uint64_t seed, WorkerNumber workers = 1) : world({.seed = seed, .workers = workers}) {
    for (int i = 0; i < 3; ++i) world.join(1, {microphone(), camera()});
    world.run_for(seconds(5));
    REQUIRE(world.everyone_gets(60));
    world.remember();
    for (Client* client : world.clients()) client->forgive(world.now());
  }

  /// The longest time for which anybody's picture stood still since the beginning.
  Duration longest_gap() {
    Duration longest{};
    for (const Client* client : world.clients()) longest = std::max(longest, client->longest_gap());
    return longest;
  }
  Client& ada() { return world.client(1); }

  World world;
};

}  // namespace

TEST_CASE("when a worker dies, everybody is back within five seconds") {
  const auto outage = GENERATE(milliseconds(100), milliseconds(1000), milliseconds(3000));
  Call call(1);
  call.world.restart_worker(0, outage);
  const bool back = call.world.run_until(outage + seconds(1), [&] { return call.world.everyone_gets(1); });
  INFO(call.world.describe());
  CHECK(back);
  CHECK(call.world.violations().empty());
}

TEST_CASE("when one of two workers dies, its people go on with the other at once") {
  Call call(2, 2);
  const WorkerNumber used = call.world.worker(0)->participants() > 0 ? 0 : 1;
  call.world.restart_worker(used, hours(1));
  const bool back = call.world.run_until(seconds(1), [&] { return call.world.everyone_gets(1); });
  INFO(call.world.describe());
  CHECK(back);
  CHECK(call.world.worker(1 - used)->participants() == 3);
}

TEST_CASE("when a WebSocket is lost for five seconds, media does not notice") {
  Call call(3);
  call.world.lose_websocket(call.ada(), seconds(5));
  call.world.run_for(seconds(10));
  INFO(call.world.describe());
  CHECK(call.longest_gap() < milliseconds(100));
  CHECK(call.world.hub().counters[signaling::HubCounter::resumed] == 1);
  for (const Client* client : call.world.clients()) CHECK(client->others().size() == 2);
}

TEST_CASE("when a WebSocket is lost for longer than a session lives, its owner joins again") {
  Call call(4);
  call.world.lose_websocket(call.ada(), seconds(20));
  call.world.run_for(seconds(18));
  for (const ClientNumber other : {ClientNumber{2}, ClientNumber{3}}) CHECK(call.world.client(other).others().size() == 1);
  const bool back = call.world.run_until(seconds(5), [&] { return call.world.everyone_gets(1); });
  INFO(call.world.describe());
  CHECK(back);
  CHECK(call.world.violations().empty());
}

TEST_CASE("when a worker dies while somebody's WebSocket is broken, that one hears of it on coming back") {
  Call call(9, 2);
  call.world.lose_websocket(call.ada(), seconds(5));
  call.world.run_for(seconds(2));
  for (const WorkerNumber worker : {WorkerNumber{0}, WorkerNumber{1}}) call.world.restart_worker(worker, seconds(1));
  call.world.run_for(seconds(3));
  call.world.remember();
  const bool back = call.world.run_until(seconds(2), [&] { return call.world.everyone_gets(1); });
  INFO(call.world.describe());
  CHECK(back);
}

TEST_CASE("when a worker dies and the news of it is lost with a WebSocket, everybody comes back all the same") {
  Call call(10);
  call.world.restart_worker(0, milliseconds(100));
  call.world.lose_websocket(call.ada(), seconds(1));
  call.world.run_for(seconds(1));
  call.world.remember();
  const bool back = call.world.run_until(seconds(20), [&] { return call.world.everyone_gets(1); });
  INFO(call.world.describe());
  CHECK(back);
}

TEST_CASE("when a NAT gives a client new ports, its media goes on after a few seconds") {
  Call call(5);
  call.world.network().rebind(1);
  call.world.run_for(seconds(20));
  INFO(call.world.describe());
  // Nobody tells the client. Its next consent check, after up to 6 s, opens the new 5-tuple; 2 s of silence later it is in use.
  CHECK(call.longest_gap() < seconds(9));
  call.world.remember();
  call.world.run_for(seconds(2));
  CHECK(call.world.everyone_gets(25));
  CHECK(call.world.violations().empty());
}

TEST_CASE("an ICE restart on both connections interrupts nothing") {
  Call call(6);
  call.world.restart_ice(call.ada());
  call.world.run_for(seconds(10));
  INFO(call.world.describe());
  CHECK(call.longest_gap() < milliseconds(200));
  CHECK(call.world.violations().empty());
}

TEST_CASE("a client that is cut off comes back by itself when the network does") {
  const auto outage = GENERATE(seconds(5), seconds(20), seconds(60));
  Call call(7);
  call.world.partition(call.ada(), outage);
  call.world.run_for(outage);
  call.world.remember();
  const bool back = call.world.run_until(seconds(8), [&] { return call.world.everyone_gets(1); });
  INFO(call.world.describe());
  CHECK(back);
  CHECK(call.world.violations().empty());
}

TEST_CASE("whoever joins late sees and hears everybody who is there within a second") {
  Call call(8);
  call.world.join(1, {microphone(), camera()});
  const bool met = call.world.run_until(seconds(1), [&] { return call.world.everyone_gets(1); });
  INFO(call.world.describe());
  CHECK(met);
}
