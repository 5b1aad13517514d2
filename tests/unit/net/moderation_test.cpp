#include "sfu/net/moderation.hpp"

#include <catch2/catch.hpp>

namespace parley::net {
namespace {

constexpr Duration interval = Moderation::interval;
const Time begin = Time(hours(1));

/// Looks that bring so many runs each, one every `gap`, for so long. Returns when the last one was.
Time look(Moderation& moderation, Time from, Duration gap, std::uint64_t runs, Duration length) {
  Time now = from;
  for (; now < from + length; now += gap) moderation.looked(now, runs, true);
  return now - gap;
}

}  // namespace

TEST_CASE("a loop that nothing has come to yet looks at once") { CHECK(Moderation().rest(begin) == Duration{0}); }

TEST_CASE("a loop with little to do looks at once, also when some come close to each other") {
  Moderation moderation;
  const Time last = look(moderation, begin, milliseconds(1), 4, seconds(1));
  CHECK(moderation.rest(last) == Duration{0});
  moderation.looked(last + microseconds(10), 5, true);
  CHECK(moderation.rest(last + microseconds(20)) == Duration{0});
}

TEST_CASE("a busy loop looks an interval after its last look, and at once when its work has taken longer") {
  Moderation moderation;
  const Time last = look(moderation, begin, microseconds(100), 1, milliseconds(20));
  CHECK(moderation.rest(last) == interval);
  CHECK(moderation.rest(last + microseconds(200)) == interval - microseconds(200));
  CHECK(moderation.rest(last + interval) == Duration{0});
  CHECK(moderation.rest(last + seconds(1)) == Duration{0});
}

TEST_CASE("a loop stays busy while it rests, as long as it finds enough") {
  Moderation moderation;
  Time last = look(moderation, begin, interval, Moderation::busy, milliseconds(20));
  CHECK(moderation.rest(last) == interval);
  last = look(moderation, last + interval, interval, Moderation::busy - 1, milliseconds(20));
  CHECK(moderation.rest(last) == Duration{0});
}

TEST_CASE("a busy loop that could not take everything goes on at once") {
  Moderation moderation;
  const Time last = look(moderation, begin, microseconds(100), 10, milliseconds(20));
  moderation.looked(last + interval, 1000, false);
  CHECK(moderation.rest(last + interval) == Duration{0});
  moderation.looked(last + 2 * interval, 10, true);
  CHECK(moderation.rest(last + 2 * interval) == interval);
}

TEST_CASE("a loop that was busy before a silence is not busy after it") {
  Moderation moderation;
  const Time last = look(moderation, begin, microseconds(100), 10, milliseconds(20));
  moderation.looked(last + milliseconds(50), 1, true);
  CHECK(moderation.rest(last + milliseconds(50)) == Duration{0});
}

}  // namespace parley::net
