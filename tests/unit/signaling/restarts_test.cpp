#include "signaling/restarts.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::signaling;

namespace {

const Time start{hours(1)};

}  // namespace

TEST_CASE("All workers are due at the beginning, and none once they run") {
  Restarts restarts(2);
  CHECK(restarts.due(start) == std::vector<std::uint32_t>{0, 1});
  restarts.started(start, 0);
  restarts.started(start, 1);
  CHECK(restarts.due(start + hours(1)).empty());
  CHECK(restarts.wakeup() == never);
}

TEST_CASE("A worker that dies is started again at once, the others are left alone") {
  Restarts restarts(2);
  restarts.started(start, 0);
  restarts.started(start, 1);
  restarts.ended(start + minutes(10), 1);
  CHECK(restarts.due(start + minutes(10)) == std::vector<std::uint32_t>{1});
}

TEST_CASE("A worker that keeps dying is started later and later, up to 5 s") {
  Restarts restarts(1);
  Time now = start;
  std::vector<Duration> pauses;
  for (int i = 0; i < 9; ++i) {
    restarts.started(now, 0);
    now += milliseconds(50);
    restarts.ended(now, 0);
    pauses.push_back(restarts.wakeup() - now);
    if (pauses.back() > Duration{0}) CHECK(restarts.due(now).empty());
    now = restarts.wakeup();
  }
  const std::vector<Duration> expected = {milliseconds(0),    milliseconds(100),  milliseconds(200),
                                          milliseconds(400),  milliseconds(800),  milliseconds(1600),
                                          milliseconds(3200), milliseconds(5000), milliseconds(5000)};
  CHECK(pauses == expected);
}

TEST_CASE("A worker that has lived for a while is forgiven its earlier deaths") {
  Restarts restarts(1);
  for (int i = 0; i < 5; ++i) {
    restarts.started(start, 0);
    restarts.ended(start, 0);
  }
  restarts.started(start, 0);
  restarts.ended(start + minutes(1), 0);
  CHECK(restarts.wakeup() == start + minutes(1));
}

TEST_CASE("When all stop, whoever ends has ended for good, and nobody waits for it") {
  Restarts restarts(2);
  restarts.started(start, 0);
  restarts.stop();
  restarts.ended(start + hours(1), 0);
  CHECK(restarts.due(start + hours(2)).empty());
  CHECK(restarts.wakeup() == never);
}
