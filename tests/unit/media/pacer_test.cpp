#include "sfu/media/pacer.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace parley;
using media::Pacer;

namespace {

constexpr std::size_t packet = Pacer<int>::packet_bytes;
/// At the beginning of a slot.
constexpr Time start = Time{} + seconds(1000);

std::vector<int> take(Pacer<int>& pacer, Time now) {
  std::vector<int> taken;
  while (const auto* item = pacer.pop(now)) taken.push_back(*item);
  return taken;
}

void push(Pacer<int>& pacer, Time now, int count) {
  for (int i = 0; i < count; ++i) {
    auto* item = pacer.push(now, false, packet);
    REQUIRE(item);
    *item = i;
  }
}

}  // namespace

TEST_CASE("an ordinary frame leaves at once and whole") {
  Pacer<int> pacer;
  CHECK(pacer.wakeup() == never);
  push(pacer, start, 10);
  CHECK(pacer.wakeup() <= start);
  CHECK(take(pacer, start) == std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(pacer.wakeup() == never);
}

TEST_CASE("what is more than a slot's share leaves in the next slots, in order") {
  Pacer<int> pacer;
  push(pacer, start + milliseconds(1), 25);
  std::vector<std::size_t> shares;
  Time now = start + milliseconds(1);
  for (int expected = 0; !pacer.empty(); now = pacer.wakeup()) {
    const auto taken = take(pacer, now);
    for (const int item : taken) CHECK(item == expected++);
    shares.push_back(taken.size());
  }
  CHECK(shares == std::vector<std::size_t>{10, 10, 5});
  CHECK(now == never);
}

TEST_CASE("slots begin at the same instants for everybody") {
  Pacer<int> first, second;
  push(first, start + microseconds(300), 20);
  push(second, start + microseconds(4700), 20);
  take(first, start + microseconds(300));
  take(second, start + microseconds(4700));
  CHECK(first.wakeup() == start + Pacer<int>::slot);
  CHECK(second.wakeup() == first.wakeup());
}

TEST_CASE("sound overtakes pictures and is never held back") {
  Pacer<int> pacer;
  push(pacer, start, 30);
  take(pacer, start);
  for (int i = 100; i < 150; ++i) *pacer.push(start, true, packet) = i;
  CHECK(pacer.wakeup() <= start);
  CHECK(take(pacer, start).size() == 50);
}

TEST_CASE("a large backlog makes the slots larger, so that nothing waits long") {
  Pacer<int> pacer;
  push(pacer, start, 400);
  Time now = start;
  while (!pacer.empty()) {
    take(pacer, now);
    if (!pacer.empty()) now = pacer.wakeup();
  }
  CHECK(now - start < milliseconds(100));
  CHECK(now - start > milliseconds(20));
}

TEST_CASE("more than the capacity is refused, and what is removed does not leave") {
  Pacer<int> pacer;
  push(pacer, start, Pacer<int>::capacity);
  CHECK_FALSE(pacer.push(start, false, packet));
  *pacer.push(start, true, packet) = -7;
  pacer.remove_if([](int item) { return item != -7; });
  CHECK(take(pacer, start) == std::vector{-7});
}

TEST_CASE("at a known rate a large frame leaves no faster than that, a packet at least at a time") {
  Pacer<int> pacer;
  pacer.set_rate(960'000);  // a packet of 1200 bytes each 10 ms
  push(pacer, start, 20);
  Time now = start;
  std::size_t first = take(pacer, now).size();
  CHECK(first == 1);  // 10 ms of the rate
  std::size_t largest = 0;
  while (!pacer.empty()) {
    now = pacer.wakeup();
    const auto taken = take(pacer, now).size();
    CHECK(taken > 0);
    largest = std::max(largest, taken);
  }
  CHECK(largest == 1);
  CHECK(now - start > milliseconds(160));
  CHECK(now - start <= milliseconds(200));
}

TEST_CASE("what a slow rate would hold back for more than half a second leaves faster") {
  Pacer<int> pacer;
  pacer.set_rate(96'000);
  push(pacer, start, 100);
  Time now = start;
  while (!pacer.empty()) {
    take(pacer, now);
    if (!pacer.empty()) now = pacer.wakeup();
  }
  CHECK(now - start <= Pacer<int>::longest_wait + Pacer<int>::slot);
  CHECK(now - start > Pacer<int>::longest_wait / 2);
}

TEST_CASE("a rate that carries a frame in a slot does not delay it") {
  Pacer<int> pacer;
  pacer.set_rate(20'000'000);
  push(pacer, start, 5);
  CHECK(take(pacer, start).size() == 5);
}
