// What the verdicts make of the rate: rate window, rate control, loss control.

#include <catch2/catch.hpp>

#include "tests/unit/media/bandwidth_helpers.hpp"

using namespace parley;
using namespace parley::media::bandwidth;
using namespace parley::media::bandwidth::testing;

namespace {

constexpr Duration round_trip = milliseconds(100);

/// `seconds` of the same verdict, every 100 ms.
void feed(RateControl& control, Time& now, Usage usage, double throughput, int tenths) {
  for (int i = 0; i < tenths; ++i) control.update(now += milliseconds(100), usage, throughput, round_trip);
}

/// A second of packets at `rate`, of which all above `capacity` is lost, and every n-th besides.
struct Lossy {
  LossControl control;
  Time now = begin;
  double owed = 0;
  int packets = 0;

  void second(double rate, double capacity, int lose_every = 0) {
    const Time end = now + seconds(1);
    while (now < end) {
      owed += std::max(0.0, (rate - capacity) / rate);
      const bool lost = owed >= 1 || (lose_every > 0 && ++packets % lose_every == 0);
      if (owed >= 1) owed -= 1;
      control.add(now, 1000, lost);
      now += nanoseconds(static_cast<std::int64_t>(8e12 / rate));
      control.update(now, rate);
    }
  }
};

}  // namespace

TEST_CASE("a rate is what went by in the window, and nothing while too little is known") {
  RateWindow window;
  CHECK_FALSE(window.rate(milliseconds(500)));
  window.add(milliseconds(1000), 1000);
  CHECK_FALSE(window.rate(milliseconds(500)));
  for (int i = 1; i < 200; ++i) window.add(milliseconds(1000 + 10 * i), 1000);
  CHECK(*window.rate(milliseconds(500)) == Approx(800'000).epsilon(0.05));
  CHECK(*window.rate(milliseconds(3990), milliseconds(500)) == 0);  // a second later
  window.add(milliseconds(100), 1'000'000);                         // far too late
  CHECK(*window.rate(milliseconds(500)) == Approx(800'000).epsilon(0.05));
}

TEST_CASE("on overuse the rate falls to 85 % of what arrives, once in a round trip") {
  RateControl control(1e6, 3e4, 1e8);
  Time now = begin;
  feed(control, now, Usage::overusing, 8e5, 1);
  CHECK(control.rate() == Approx(0.85 * 8e5));
  control.update(now + milliseconds(20), Usage::overusing, 7e5, round_trip);
  CHECK(control.rate() == Approx(0.85 * 8e5));
  control.update(now + milliseconds(120), Usage::overusing, 6e5, round_trip);
  CHECK(control.rate() == Approx(0.85 * 6e5));
}

TEST_CASE("while a queue drains the rate stays, then it grows again") {
  RateControl control(1e6, 3e4, 1e8);
  Time now = begin;
  feed(control, now, Usage::overusing, 8e5, 1);
  const double rate = control.rate();
  feed(control, now, Usage::underusing, 8e5, 10);
  CHECK(control.rate() == rate);
  feed(control, now, Usage::normal, rate, 10);
  CHECK(control.rate() > rate);
}

TEST_CASE("far from any known capacity the rate grows by 8 % in a second, near it by a packet in each response time") {
  RateControl far(1e6, 3e4, 1e8);
  Time now = begin;
  feed(far, now, Usage::normal, 1e6, 11);
  CHECK(far.rate() == Approx(1.08e6).epsilon(0.01));
  RateControl near(1e6, 3e4, 1e8);
  feed(near, now, Usage::overusing, 1e6, 1);
  const double before = near.rate();
  feed(near, now, Usage::normal, before, 11);
  CHECK(near.rate() - before == Approx(9600 / 0.2).epsilon(0.3));
}

TEST_CASE("the rate does not grow beyond one and a half times what arrives") {
  RateControl control(1e6, 3e4, 1e8);
  Time now = begin;
  feed(control, now, Usage::normal, 7e5, 1000);
  CHECK(control.rate() == Approx(1.5 * 7e5 + 10'000));
  feed(control, now, Usage::normal, 1e5, 100);  // less is sent: that is no reason to fall
  CHECK(control.rate() == Approx(1.5 * 7e5 + 10'000));
}

TEST_CASE("the rate stays between its bounds") {
  RateControl control(1e6, 3e5, 2e6);
  Time now = begin;
  feed(control, now, Usage::overusing, 1e4, 5);
  CHECK(control.rate() == 3e5);
  control.set_probed(now, 5e6);
  CHECK(control.rate() == 2e6);
}

TEST_CASE("loss that does not depend on the rate does not limit it") {
  Lossy path;
  for (int i = 0; i < 30; ++i) path.second(1e6 + 2e5 * (i % 3), 1e9, 20);
  CHECK_FALSE(path.control.limit());
  CHECK(path.control.loss() == Approx(0.05).margin(0.02));
}

TEST_CASE("loss that begins beyond a rate limits to that rate") {
  Lossy path;
  for (int i = 0; i < 5; ++i) path.second(9e5, 1e6);
  CHECK_FALSE(path.control.limit());
  path.second(1.2e6, 1e6);
  REQUIRE(path.control.limit());
  CHECK(*path.control.limit() == Approx(0.95e6).epsilon(0.06));
}

TEST_CASE("a limit that is not found again is doubted, and in the end forgotten") {
  Lossy path;
  for (int i = 0; i < 5; ++i) path.second(9e5, 1e6);
  path.second(1.2e6, 1e6);
  const double limit = path.control.limit().value();
  for (int i = 0; i < 4; ++i) path.second(limit, 1e7);
  CHECK(path.control.limit().value_or(1e9) > limit);
  for (int i = 0; i < 20; ++i) path.second(limit, 1e7);
  CHECK_FALSE(path.control.limit());
}

TEST_CASE("loss of more than a fifth limits whatever its cause") {
  Lossy path;
  for (int i = 0; i < 10; ++i) path.second(1e6 + 2e5 * (i % 3), 1e9, 3);
  CHECK(path.control.limit());
}

TEST_CASE("receiver reports: below 2 % of loss the rate rises, up to 10 % it stays, beyond it falls") {
  ReportControl control;
  Time now = begin;
  double rate = 1e6;
  const auto report = [&](double loss) { return rate = control.update(now += seconds(1), rate, 1e6, loss, round_trip); };
  report(0);
  CHECK(report(0) == Approx(1.08e6).epsilon(0.01));
  const double before = rate;
  CHECK(report(0.05) == before);
  CHECK(report(0.2) == Approx(0.9 * before));
  for (int i = 0; i < 100; ++i) report(0);
  CHECK(rate == Approx(1.51e6));  // of what is sent
}
