// From arrival times to "a queue grows": packet groups, trendline and overuse detector.

#include <catch2/catch.hpp>

#include "tests/unit/media/bandwidth_helpers.hpp"

using namespace parley;
using namespace parley::media::bandwidth;
using namespace parley::media::bandwidth::testing;

namespace {

/// Packets every 10 ms whose queueing delay changes by `growth` (1: as fast as time goes).
struct Chain {
  PacketGroups groups;
  Trendline trendline;
  OveruseDetector detector;
  Time sent = begin;
  Duration delay = milliseconds(200);

  void add() {
    const auto delta = groups.add(sent, sent.time_since_epoch() + delay);
    if (!delta) return;
    trendline.add(*delta);
    if (trendline.deltas() > 1) detector.add(trendline.modified_trend(), delta->sent, delta->arrival);
  }
  /// How long it took until the detector said `usage`.
  Duration until(Usage usage, double growth, Duration limit) {
    const Time start = sent;
    while (sent - start < limit && detector.usage() != usage) {
      sent += milliseconds(10);
      delay += Duration(static_cast<std::int64_t>(growth * 1e7));
      add();
    }
    return sent - start;
  }
};

}  // namespace

TEST_CASE("packets of one burst are one group, and a delta spans complete groups") {
  PacketGroups groups;
  const auto at = [](int ms) { return begin + milliseconds(ms); };
  CHECK_FALSE(groups.add(at(0), milliseconds(1000)));
  CHECK_FALSE(groups.add(at(4), milliseconds(1006)));
  CHECK_FALSE(groups.add(at(20), milliseconds(1020)));  // the first group is complete
  const auto delta = groups.add(at(40), milliseconds(1050));
  REQUIRE(delta);
  CHECK(delta->sent == milliseconds(16));
  CHECK(delta->arrived == milliseconds(14));
  CHECK(delta->arrival == milliseconds(1020));
}

TEST_CASE("what a silent link lets go of at once is one group") {
  PacketGroups groups;
  groups.add(begin, milliseconds(1000));
  groups.add(begin + milliseconds(20), milliseconds(1100));
  for (int i = 2; i < 6; ++i) CHECK_FALSE(groups.add(begin + milliseconds(20 * i), milliseconds(1100 + i)));
}

TEST_CASE("a packet that was overtaken changes nothing") {
  PacketGroups groups;
  groups.add(begin + milliseconds(20), milliseconds(1020));
  CHECK_FALSE(groups.add(begin, milliseconds(1021)));
  CHECK_FALSE(groups.add(begin + milliseconds(40), milliseconds(1040)));
  CHECK(groups.add(begin + milliseconds(60), milliseconds(1060))->arrived == milliseconds(20));
}

TEST_CASE("a receiver's clock that was set anew is no queue") {
  PacketGroups groups;
  for (int i = 0; i < 3; ++i) groups.add(begin + milliseconds(20 * i), milliseconds(20 * i));
  CHECK(groups.add(begin + milliseconds(60), seconds(100)));        // complete before the jump
  CHECK_FALSE(groups.add(begin + milliseconds(80), seconds(101)));  // the group that jumped
}

TEST_CASE("a queue that grows is noticed, the sooner the faster it grows") {
  Chain slow;
  slow.until(Usage::overusing, 0, seconds(3));
  const Duration after_slow = slow.until(Usage::overusing, 0.05, seconds(5));
  CHECK(after_slow < milliseconds(800));
  Chain fast;
  fast.until(Usage::overusing, 0, seconds(3));
  const Duration after_fast = fast.until(Usage::overusing, 1, seconds(5));
  CHECK(after_fast < milliseconds(150));
  CHECK(after_fast < after_slow);
}

TEST_CASE("a queue that drains is noticed as well") {
  Chain chain;
  chain.until(Usage::overusing, 0, seconds(3));
  chain.until(Usage::overusing, 0.3, seconds(2));
  CHECK(chain.until(Usage::underusing, -0.3, seconds(2)) < seconds(1));
}

TEST_CASE("clocks that run apart by 200 ppm are no queue") {
  Chain fast;
  CHECK(fast.until(Usage::overusing, 200e-6, minutes(2)) >= minutes(2));
  Chain slow;
  CHECK(slow.until(Usage::underusing, -200e-6, minutes(2)) >= minutes(2));
}

TEST_CASE("the threshold follows a trend that stays above it, and comes down again, but hardly beside a queue that is not ours") {
  OveruseDetector detector;
  Duration arrival{};
  const auto feed = [&](double trend, bool standing = false) {
    const double before = detector.threshold();
    for (int i = 0; i < 10; ++i) detector.add(trend, milliseconds(10), arrival += milliseconds(10), standing);
    return detector.threshold() - before;
  };
  feed(0);
  CHECK(feed(detector.threshold() + 10) > 3);
  const double slowly = feed(0, true);
  CHECK(slowly < 0);
  CHECK(slowly > -1);
  CHECK(feed(0) < 5 * slowly);
  CHECK(detector.threshold() == OveruseDetector::smallest_threshold);
  CHECK(feed(1000) == 0);  // an outlier
}

TEST_CASE("a queue that does not drain for seconds is somebody else's, and drift of the clocks is no queue") {
  StandingQueue queue;
  Duration arrival{};
  const auto feed = [&](double delay, int tenths) {
    for (int i = 0; i < tenths; ++i) queue.add(delay, arrival += milliseconds(100));
  };
  feed(50, 10);
  feed(120, 15);
  CHECK_FALSE(queue.present());
  CHECK(queue.length() == Approx(70).margin(1));
  feed(120, 10);
  CHECK(queue.present());
  feed(55, 1);
  CHECK_FALSE(queue.present());
  for (int i = 0; i < 6000; ++i) queue.add(55 + 0.02 * i, arrival += milliseconds(100));
  CHECK_FALSE(queue.present());
}

TEST_CASE("a single late group is not yet congestion") {
  OveruseDetector detector;
  for (int i = 0; i < 10; ++i) detector.add(0, milliseconds(10), milliseconds(10 * i));
  detector.add(100, milliseconds(30), milliseconds(110));
  CHECK(detector.usage() == Usage::normal);
  detector.add(110, milliseconds(10), milliseconds(120));
  CHECK(detector.usage() == Usage::overusing);
}
