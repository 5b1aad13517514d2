#include "sfu/media/nack_tracker.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

using Sequences = std::vector<std::uint16_t>;

NackRequest turn(NackTracker& tracker, Duration when) {
  NackRequest request;
  tracker.advance(at(when), request);
  return request;
}

/// Runs the tracker by its own wakeups and returns when it asked.
std::vector<Duration> run(NackTracker& tracker) {
  std::vector<Duration> times;
  while (tracker.wakeup() != never) {
    const Duration when = tracker.wakeup().time_since_epoch();
    if (!turn(tracker, when).sequences.empty()) times.push_back(when);
  }
  return times;
}

}  // namespace

TEST_CASE("a gap is asked for once reordering is out of the question") {
  NackTracker tracker;
  tracker.receive(at(milliseconds(0)), 65535);
  CHECK(tracker.wakeup() == never);
  tracker.receive(at(milliseconds(10)), 65539);
  CHECK(tracker.wakeup() == at(milliseconds(25)));
  CHECK(turn(tracker, milliseconds(24)).sequences.empty());
  CHECK(turn(tracker, milliseconds(25)).sequences == Sequences{0, 1, 2});
}

TEST_CASE("a packet that is only reordered is not asked for") {
  NackTracker tracker;
  for (const Sequence sequence : {10, 12, 11, 13}) tracker.receive(at(milliseconds(0)), sequence);
  CHECK(tracker.missing() == 0);
  CHECK(turn(tracker, milliseconds(15)).sequences.empty());
  CHECK(tracker.wakeup() == never);
}

TEST_CASE("a missing packet is asked for after a round trip, a quarter of it later each time, ten times") {
  NackTracker tracker;
  tracker.receive(at(milliseconds(0)), 10);
  tracker.receive(at(milliseconds(0)), 12);
  const auto times = run(tracker);
  REQUIRE(times.size() == NackTracker::maximum_tries);
  CHECK(times[0] == milliseconds(15));
  for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] == milliseconds(100 + 25 * (i - 1)));
  CHECK(tracker.missing() == 0);
}

TEST_CASE("the round trip is learnt from the answers, and the requests follow it") {
  NackTracker tracker;
  Duration now{};
  for (Sequence sequence = 0; sequence < 100; sequence += 2) {
    tracker.receive(at(now), sequence);
    turn(tracker, now + milliseconds(15));
    tracker.receive(at(now + milliseconds(15 + 30)), sequence - 1);
    now += milliseconds(50);
  }
  CHECK(tracker.round_trip() > milliseconds(29));
  CHECK(tracker.round_trip() < milliseconds(32));
}

TEST_CASE("a round trip much longer than assumed is learnt too") {
  NackTracker tracker;
  Duration now{};
  for (Sequence sequence = 0; sequence < 100; sequence += 2) {
    tracker.receive(at(now), sequence);
    const Duration answer = now + milliseconds(15 + 400);
    while (tracker.wakeup() < at(answer)) turn(tracker, tracker.wakeup().time_since_epoch());
    tracker.receive(at(answer), sequence - 1);
    now = answer;
  }
  CHECK(tracker.round_trip() > milliseconds(390));
}

TEST_CASE("more missing packets than are worth repairing ask for a key frame instead") {
  NackTracker tracker;
  tracker.receive(at(milliseconds(0)), 0);
  tracker.receive(at(milliseconds(0)), NackTracker::maximum_missing + 1);
  CHECK(tracker.missing() == NackTracker::maximum_missing);
  tracker.receive(at(milliseconds(5)), NackTracker::maximum_missing + 3);
  CHECK(tracker.missing() == 0);
  CHECK(tracker.wakeup() == at(milliseconds(5)));
  const auto request = turn(tracker, milliseconds(5));
  CHECK(request.keyframe);
  CHECK(request.sequences.empty());
  CHECK_FALSE(turn(tracker, milliseconds(6)).keyframe);
  tracker.receive(at(milliseconds(7)), 1'000'000'000);
  CHECK(turn(tracker, milliseconds(7)).keyframe);
}

TEST_CASE("what came before the first packet is not missing") {
  NackTracker tracker;
  tracker.receive(at(milliseconds(0)), 100);
  tracker.receive(at(milliseconds(0)), 90);
  CHECK(tracker.missing() == 0);
}

TEST_CASE("a cleared tracker asks for nothing and goes on from where it was") {
  NackTracker tracker;
  tracker.receive(at(milliseconds(0)), 1);
  tracker.receive(at(milliseconds(0)), 5);
  tracker.clear();
  CHECK(tracker.wakeup() == never);
  tracker.receive(at(milliseconds(20)), 6);
  CHECK(tracker.missing() == 0);
}
