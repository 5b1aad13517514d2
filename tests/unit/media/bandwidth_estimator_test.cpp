#include "sfu/media/bandwidth/estimator.hpp"

#include <catch2/catch.hpp>

#include "sfu/base/random.hpp"
#include "tests/support/allocations.hpp"
#include "tests/unit/media/bandwidth_helpers.hpp"

using namespace parley;
using namespace parley::media::bandwidth;
using Road = parley::media::bandwidth::testing::Path;
using parley::media::bandwidth::testing::begin;
using parley::media::bandwidth::testing::feedback;

namespace {

constexpr std::uint64_t megabit = 1'000'000;

/// A second of sending at the estimate, or as much as there is, with probes.
void follow(Road& road, Duration duration, std::uint64_t most = 100 * megabit) {
  const Time end = road.now + duration;
  while (road.now < end) {
    road.probe();
    road.run(milliseconds(50), [&] { return std::min(road.estimator.estimate(), most); });
  }
}

}  // namespace

TEST_CASE("the estimate begins at the start rate and is at 2 Mbit/s within a second when that is free") {
  Road road;
  road.estimator.set_wanted(2 * megabit);
  CHECK(road.estimator.estimate() == 300'000);
  CHECK(road.estimator.pacing_rate() == 330'000);
  follow(road, seconds(1));
  CHECK(road.estimator.estimate() >= 2 * megabit);
}

TEST_CASE("the estimate stays just below the capacity, and falls within a second when that falls") {
  Road road;
  road.capacity = 2 * megabit;
  road.estimator.set_wanted(10 * megabit);
  follow(road, seconds(20));
  CHECK(road.estimator.estimate() > 3 * megabit / 2);
  CHECK(road.estimator.estimate() < 11 * megabit / 5);
  road.capacity = megabit / 2;
  follow(road, seconds(1));
  CHECK(road.estimator.estimate() < megabit / 2);
}

TEST_CASE("without traffic the estimate does not grow, with probes it does") {
  Road road;
  follow(road, seconds(10), 100'000);
  CHECK(road.estimator.estimate() <= 310'000);
  CHECK(road.estimator.application_limited());
  road.estimator.set_wanted(3 * megabit);
  follow(road, seconds(4), 100'000);
  CHECK(road.estimator.estimate() >= 3 * megabit);
  CHECK_FALSE(road.probe());
}

TEST_CASE("nobody is probed who gives no feedback") {
  Estimator estimator{Estimator::Settings{}};
  estimator.set_wanted(megabit);
  int probes = 0;
  for (int i = 0; i < 1000; ++i) probes += estimator.take_probe(begin + milliseconds(20) * i).has_value();
  CHECK(probes == 1);
}

TEST_CASE("a receiver without transport-wide feedback decides by REMB and by its reports") {
  Estimator estimator{Estimator::Settings{}};
  estimator.receive_remb(begin, 800'000);
  CHECK(estimator.estimate() == 800'000);
  Time now = begin;
  for (int i = 0; i < 200; ++i) estimator.sent(now += milliseconds(10), 1000);
  estimator.receive_report(now, 0.3, milliseconds(50));
  CHECK(estimator.estimate() == Approx(680'000).epsilon(0.01));
  CHECK(estimator.loss() == Approx(0.3));
  estimator.receive_remb(now, 400'000);
  CHECK(estimator.estimate() == 400'000);
}

TEST_CASE("packets that nobody reports on any more lower the estimate step by step, down to the minimum") {
  Road road;
  road.estimator.set_wanted(2 * megabit);
  follow(road, seconds(2));
  const std::uint64_t before = road.estimator.estimate();
  for (int i = 0; i < 5; ++i) road.estimator.sent(road.now, 1000);
  CHECK(road.estimator.wakeup() < road.now + seconds(3));
  road.estimator.advance(road.now + seconds(3));
  CHECK(road.estimator.estimate() < before);
  for (int i = 0; i < 60; ++i) road.estimator.advance(road.now + seconds(3 + i));
  CHECK(road.estimator.estimate() == Estimator::Settings{}.minimum);
}

TEST_CASE("a pause in the traffic is not silence") {
  Road road;
  follow(road, seconds(2));
  road.now += milliseconds(1);
  road.report();
  const std::uint64_t before = road.estimator.estimate();
  road.estimator.advance(road.now + minutes(5));
  CHECK(road.estimator.estimate() == before);
}

TEST_CASE("every twentieth packet lost by chance does not bring the estimate down") {
  Road road;
  road.estimator.set_wanted(2 * megabit);
  road.lose_every = 20;
  follow(road, seconds(30), 2 * megabit);
  CHECK(road.estimator.estimate() > megabit);
}

TEST_CASE("hostile feedback leaves the estimate between its bounds") {
  const Estimator::Settings settings;
  Estimator estimator(settings);
  Random random = Random::from_number(5);
  Time now = begin;
  for (int round = 0; round < 2000; ++round) {
    for (int i = 0; i < 5; ++i) estimator.sent(now += milliseconds(1), random.below(1500));
    auto message = feedback(static_cast<std::uint16_t>(random.next()), {});
    if (round % 2 == 0) message.base_sequence = static_cast<std::uint16_t>(5 * round);
    const Duration period = rtp::feedback_reference_tick * (1 << 24);
    for (std::uint64_t i = 0; i < 5 + random.below(10); ++i)
      message.arrivals.push_back(random.below(3) == 0 ? std::nullopt : std::optional(Duration(random.below(period.count()))));
    estimator.receive(now, message);
    estimator.receive_report(now, random.uniform(), Duration(random.next32()));
    REQUIRE(estimator.estimate() >= settings.minimum);
    REQUIRE(estimator.estimate() <= settings.maximum);
  }
}

TEST_CASE("once it is warm, neither sending nor feedback allocates") {
  Road road;
  road.estimator.set_wanted(2 * megabit);
  follow(road, seconds(5));
  auto message = feedback(0, std::vector<std::optional<Duration>>(20));
  const std::uint64_t before = test::allocations();
  for (int round = 0; round < 200; ++round) {
    for (auto& arrival : message.arrivals) {
      const std::uint16_t sequence = road.estimator.sent(road.now += milliseconds(5), 1000);
      if (&arrival == &message.arrivals.front()) message.base_sequence = sequence;
      arrival = (road.now + milliseconds(20)).time_since_epoch();
    }
    road.estimator.receive(road.now, message);
    road.estimator.advance(road.now);
  }
  CHECK(test::allocations() == before);
}
