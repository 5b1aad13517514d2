// What a simulated link promises. The simulator stands on it.

#include "loadtest/link.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::loadtest;

namespace {

const Path path{Protocol::udp, *Address::parse("10.0.0.1", 1000), *Address::parse("10.0.0.2", 2000)};
constexpr Time start{};

Link link(const Conditions& conditions, std::uint64_t seed = 1) { return Link(conditions, Random::from_number(seed)); }

Buffer numbered(std::uint16_t number, std::size_t size = 100) {
  Buffer bytes(size);
  Writer(bytes).u16(number);
  return bytes;
}

/// Sends `count` numbered datagrams, one every millisecond, and returns the numbers in the order of their arrival.
std::vector<std::uint16_t> run(Link& link, std::uint16_t count, std::size_t size = 100) {
  DatagramBatch arrived;
  Time now = start;
  for (std::uint16_t i = 0; i < count; ++i, now += milliseconds(1)) {
    link.advance(now, arrived);
    link.receive(now, path, numbered(i, size));
  }
  link.advance(now + hours(1), arrived);
  std::vector<std::uint16_t> numbers;
  for (const auto& entry : arrived.entries()) numbers.push_back(Reader(entry.bytes()).u16());
  return numbers;
}

void require_everything_counted(const Link& link) {
  const auto& n = link.counters();
  const auto dropped = n[LinkEvent::lost] + n[LinkEvent::lost_in_burst] + n[LinkEvent::queue_full] + n[LinkEvent::partitioned];
  REQUIRE(n[LinkEvent::taken] + n[LinkEvent::duplicated] == n[LinkEvent::delivered] + dropped + link.under_way());
}

}  // namespace

TEST_CASE("a perfect link delivers at once, unchanged and in order") {
  Link cable = link({});
  DatagramBatch arrived;
  cable.receive(start, path, numbered(7));
  REQUIRE(cable.wakeup() == start);
  cable.advance(start, arrived);
  REQUIRE(arrived.entries().size() == 1);
  REQUIRE(arrived.entries()[0].path == path);
  REQUIRE(Buffer(arrived.entries()[0].bytes().begin(), arrived.entries()[0].bytes().end()) == numbered(7));
  REQUIRE(cable.wakeup() == never);
}

TEST_CASE("a delayed datagram arrives when its time has come, and not before") {
  Link slow = link({.delay = milliseconds(40)});
  DatagramBatch arrived;
  slow.receive(start, path, numbered(1));
  slow.advance(start + milliseconds(39), arrived);
  REQUIRE(arrived.empty());
  REQUIRE(slow.wakeup() == start + milliseconds(40));
  slow.advance(start + milliseconds(40), arrived);
  REQUIRE(arrived.entries().size() == 1);
}

TEST_CASE("jitter changes the time and never the order") {
  Link jittery = link({.delay = milliseconds(10), .jitter = milliseconds(30)});
  const auto numbers = run(jittery, 500);
  REQUIRE(numbers.size() == 500);
  REQUIRE(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST_CASE("reorder lets later datagrams overtake and loses none") {
  Link swapping = link({.reorder = 0.1});
  auto numbers = run(swapping, 500);
  REQUIRE(numbers.size() == 500);
  REQUIRE_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
  std::sort(numbers.begin(), numbers.end());
  REQUIRE(std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end());
}

TEST_CASE("loss takes about the share that was asked for") {
  Link lossy = link({.loss = 0.1});
  const auto numbers = run(lossy, 10'000);
  REQUIRE(numbers.size() > 8'800);
  REQUIRE(numbers.size() < 9'200);
  require_everything_counted(lossy);
}

TEST_CASE("burst loss takes neighbours together") {
  Link bursty = link({.burst_loss = 0.01, .burst_length = 10});
  const auto numbers = run(bursty, 20'000);
  int gaps = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) gaps += numbers[i] != numbers[i - 1] + 1;
  const auto lost = 20'000 - static_cast<int>(numbers.size());
  REQUIRE(gaps > 0);
  REQUIRE(lost / gaps >= 7);
  REQUIRE(lost / gaps <= 13);
  require_everything_counted(bursty);
}

TEST_CASE("a duplicated datagram arrives twice") {
  Link echoing = link({.duplication = 0.5});
  const auto numbers = run(echoing, 1'000);
  REQUIRE(numbers.size() > 1'400);
  REQUIRE(numbers.size() < 1'600);
  require_everything_counted(echoing);
}

TEST_CASE("a rate limit spaces datagrams out, and a full queue drops the newest") {
  // 1000-byte datagrams, one each millisecond, are 8 Mb/s; the link takes 1 Mb/s and keeps four of them waiting.
  Link thin = link({.bits_per_second = 1'000'000, .queue_bytes = 4'000});
  const auto numbers = run(thin, 1'000, 1'000);
  REQUIRE(numbers.size() > 120);
  REQUIRE(numbers.size() < 135);
  REQUIRE(numbers.front() == 0);
  REQUIRE(thin.counters()[LinkEvent::queue_full] == 1'000 - numbers.size());
  require_everything_counted(thin);
}

TEST_CASE("a partition swallows what is sent and still delivers what was under way") {
  Link cut = link({.delay = milliseconds(10)});
  cut.receive(start, path, numbered(1));
  cut.set_conditions({.delay = milliseconds(10), .partitioned = true});
  cut.receive(start, path, numbered(2));
  DatagramBatch arrived;
  cut.advance(start + seconds(1), arrived);
  REQUIRE(arrived.entries().size() == 1);
  REQUIRE(cut.counters()[LinkEvent::partitioned] == 1);
  require_everything_counted(cut);
}

TEST_CASE("a link holds a limited number of datagrams") {
  Link endless = link({.delay = hours(1)});
  for (std::size_t i = 0; i < Link::maximum_under_way + 10; ++i) endless.receive(start, path, numbered(1));
  REQUIRE(endless.under_way() == Link::maximum_under_way);
  require_everything_counted(endless);
}

TEST_CASE("one seed gives one history") {
  const Conditions wild{
      .delay = milliseconds(5), .jitter = milliseconds(30), .loss = 0.1, .burst_loss = 0.01, .duplication = 0.1, .reorder = 0.1};
  Link first = link(wild, 42);
  Link second = link(wild, 42);
  Link other = link(wild, 43);
  const auto history = run(first, 1'000);
  REQUIRE(history == run(second, 1'000));
  REQUIRE(history != run(other, 1'000));
}
