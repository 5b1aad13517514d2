#include <catch2/catch.hpp>

#include "tests/unit/media/bandwidth_helpers.hpp"

using namespace parley;
using namespace parley::media::bandwidth;
using namespace parley::media::bandwidth::testing;

namespace {

constexpr PathView idle{.estimate = 3e5, .wanted = 1e7, .application_limited = true, .dropped_at = {}};

PathView at(double estimate) {
  PathView view = idle;
  view.estimate = estimate;
  return view;
}

/// `count` packets of 1200 bytes that left and arrived with these intervals.
std::optional<double> result_of(Duration sent, Duration arrived, int count = 5, std::size_t bytes = 6000) {
  ProbeResults results;
  results.expect({.id = {3}, .bits_per_second = 1'000'000, .bytes = bytes});
  std::optional<double> rate;
  for (int i = 0; i < count; ++i) {
    const auto result = results.add({.fate = PacketResult::Fate::received,
                                     .probe = {3},
                                     .bytes = 1200,
                                     .sent = begin + i * sent,
                                     .arrival = seconds(5) + i * arrived});
    if (result) rate = result;
  }
  return rate;
}

}  // namespace

TEST_CASE("the first probe asks for three times the start, and each success for twice what got through") {
  Prober prober;
  const auto first = prober.take(begin, idle);
  REQUIRE(first);
  CHECK(first->bits_per_second == 900'000);
  CHECK(first->bytes >= Probe::packets * Prober::packet_bytes);
  CHECK_FALSE(prober.take(begin + milliseconds(10), idle));
  prober.receive_result(begin + milliseconds(100), first->id, 9e5, at(9e5));
  const auto second = prober.take(begin + milliseconds(100), at(9e5));
  REQUIRE(second);
  CHECK(second->bits_per_second == 1'800'000);
  CHECK(second->id != first->id);
}

TEST_CASE("a probe that brought little is asked again only after a while") {
  Prober prober;
  const auto first = prober.take(begin, idle);
  prober.receive_result(begin + milliseconds(100), first->id, 4e5, idle);
  CHECK_FALSE(prober.take(begin + milliseconds(500), at(4e5)));
  const auto later = prober.take(begin + seconds(2), at(4e5));
  REQUIRE(later);
  CHECK(later->bits_per_second == 800'000);
}

TEST_CASE("nothing is asked beyond what is wanted, nor while the application fills the estimate, nor into a queue") {
  Prober prober;
  prober.take(begin, idle);
  const Time later = begin + minutes(1);
  PathView view = at(1e6);
  view.wanted = 1.2e6;
  CHECK(prober.take(later, view)->bits_per_second == 1'560'000);
  view.application_limited = false;
  view.dropped_at = later + minutes(1) - seconds(4);
  view.before_drop = view.estimate;
  CHECK_FALSE(prober.take(later + minutes(1), view));
  view.application_limited = true;
  view.congested = true;
  CHECK_FALSE(prober.take(later + minutes(2), view));
  view.congested = false;
  view.wanted = 5e5;
  CHECK_FALSE(prober.take(later + minutes(3), view));
}

TEST_CASE("who fills the estimate is helped up to the next layer once the path has been calm, unless it loses packets") {
  Prober prober;
  prober.take(begin, idle);
  PathView view = at(1e6);
  view.application_limited = false;
  view.congested = true;
  CHECK_FALSE(prober.take(begin + minutes(1), view));
  view.congested = false;
  CHECK_FALSE(prober.take(begin + minutes(1) + seconds(4), view));
  view.loses = true;
  CHECK_FALSE(prober.take(begin + minutes(1) + seconds(6), view));
  view.loses = false;
  CHECK(prober.take(begin + minutes(1) + seconds(7), view));
}

TEST_CASE("a path that keeps saying no is asked less often") {
  Prober prober;
  int early = 0;
  int late = 0;
  for (int i = 0; i < 4000; ++i) {
    const Time now = begin + milliseconds(100) * i;
    const auto probe = prober.take(now, idle);
    if (!probe) continue;
    (i < 200 ? early : late) += i < 200 || i >= 3800;
    prober.receive_result(now + milliseconds(50), probe->id, 3e5, idle);
  }
  CHECK(early >= 10);
  CHECK(late <= 5);
  CHECK(late >= 3);
}

TEST_CASE("after a deep fall the old rate is asked for once, when the queue is gone") {
  Prober prober;
  prober.receive_result(begin, prober.take(begin, idle)->id, 1e5, idle);
  PathView view = at(1e6);
  view.application_limited = false;
  view.before_drop = 4e6;
  view.dropped_at = begin + seconds(10);
  CHECK_FALSE(prober.take(begin + seconds(10), view));
  const auto probe = prober.take(begin + seconds(11), view);
  REQUIRE(probe);
  CHECK(probe->bits_per_second == 3'400'000);
  prober.receive_result(begin + seconds(11), probe->id, 1e6, view);
  CHECK_FALSE(prober.take(begin + seconds(12), view));
}

TEST_CASE("a probe measures the slower of sending and arriving, and less when the link was full") {
  CHECK(result_of(milliseconds(10), milliseconds(10)).value() == Approx(960'000));
  CHECK(result_of(milliseconds(10), milliseconds(9)).value() == Approx(960'000));
  CHECK(result_of(milliseconds(10), milliseconds(20)).value() == Approx(0.95 * 480'000));
}

TEST_CASE("a probe says nothing when too little of it arrived, or when a queue let go of it at once") {
  CHECK_FALSE(result_of(milliseconds(10), milliseconds(10), 3));
  CHECK_FALSE(result_of(milliseconds(10), milliseconds(10), 5, 20'000));
  CHECK_FALSE(result_of(milliseconds(10), milliseconds(2)));
  CHECK_FALSE(result_of(milliseconds(10), Duration(0)));
}
