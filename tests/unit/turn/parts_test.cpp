// The small parts of the relay: ports, reservations, quotas, rates.

#include <set>

#include "tests/unit/turn/relay_harness.hpp"
#include "turn/rate_limit.hpp"
#include "turn/relay_ports.hpp"
#include "turn/reservations.hpp"

namespace parley::turn {

using Parity = RelayPorts::Parity;

TEST_CASE("Every port of the range is given out once, at random, and again when it has been released") {
  RelayPorts ports({50000, 50099});
  Random random = Random::from_number(1);
  std::vector<std::uint16_t> order;
  while (const auto port = ports.take(Parity::any, random)) order.push_back(*port);
  const std::set<std::uint16_t> all(order.begin(), order.end());
  CHECK(order.size() == 100);
  CHECK(all.size() == 100);
  CHECK(*all.begin() == 50000);
  CHECK_FALSE(std::ranges::is_sorted(order));
  ports.release(50017);
  ports.release(50017);
  ports.release(1);
  CHECK(ports.taken() == 99);
  CHECK(ports.take(Parity::even, random) == std::nullopt);
  CHECK(ports.take(Parity::any, random) == 50017);
}

TEST_CASE("Even ports are even, and pairs are free together") {
  RelayPorts ports({50001, 50010});
  Random random = Random::from_number(1);
  CHECK(ports.take(Parity::even_with_next, random).value() % 2 == 0);
  std::size_t pairs = 1;
  while (const auto port = ports.take(Parity::even_with_next, random)) {
    CHECK(*port % 2 == 0);
    CHECK(ports.is_taken(static_cast<std::uint16_t>(*port + 1)));
    ++pairs;
  }
  CHECK(pairs == 4);  // 50010 has no next one
  CHECK(ports.take(Parity::even, random) == 50010);
  CHECK(ports.take(Parity::any, random) == 50001);
  CHECK(RelayPorts({2, 1}).take(Parity::any, random) == std::nullopt);
}

TEST_CASE("A reservation's token is bound to its user, its port and its time, and can't be made up") {
  Reservations reservations({1});
  const Time now{seconds(1'700'000'001)};
  const ReservationToken token = reservations.add(now, {50001, true}, "ada");
  CHECK(reservations.read(now, token, "ada") == ReservedPort{50001, true});
  CHECK(reservations.read(now + seconds(29), token, "ada"));
  CHECK_FALSE(reservations.read(now + seconds(32), token, "ada"));
  CHECK_FALSE(reservations.read(now - seconds(32), token, "ada"));
  CHECK_FALSE(reservations.read(now, token, "bob"));
  CHECK_FALSE(Reservations({2}).read(now, token, "ada"));
  for (std::size_t i = 0; i < token.size(); ++i) {
    ReservationToken changed = token;
    changed[i] ^= 1;
    CHECK_FALSE(reservations.read(now, changed, "ada"));
    CHECK_FALSE(reservations.read(now, Bytes(token).first(i), "ada"));
  }
  CHECK_FALSE(reservations.take_expired(now + seconds(29)));
  CHECK(reservations.take_expired(now + seconds(30)) == ReservedPort{50001, true});
  CHECK_FALSE(reservations.release({50001, true}));
  CHECK(reservations.size() == 0);
}

TEST_CASE("A quota counts names apart, even where one of their hashes collides") {
  auto quotas = std::make_unique<Quotas>(Quotas::Key{1});
  std::vector<Quotas::Slot> slots;
  for (int i = 0; i < 2000; ++i) slots.push_back(quotas->find(as_bytes("user " + std::to_string(i))));
  for (const auto slot : slots)
    for (int i = 0; i < 3; ++i) quotas->add(slot, 3);
  const auto wrongly_full = [&] {
    int full = 0;
    for (int i = 2000; i < 4000; ++i) full += quotas->count(quotas->find(as_bytes("user " + std::to_string(i)))) > 0;
    return full;
  };
  CHECK(wrongly_full() <= 6);
  CHECK_FALSE(quotas->add(slots[0], 3));
  for (const auto slot : slots)
    while (quotas->count(slot) > 0) quotas->remove(slot);
  CHECK(wrongly_full() == 0);
}

TEST_CASE("A bucket gives what its rate allows, no matter how often it is asked") {
  for (const Duration step : {Duration(microseconds(1)), Duration(microseconds(300)), Duration(milliseconds(7))}) {
    TokenBucket bucket;
    const Rate rate{10'000, 500};
    Time now{seconds(1'700'000'000)};
    std::uint64_t taken = 0;
    const Time end = now + milliseconds(700);
    for (; now < end; now += step) taken += bucket.take_some(now, rate, 1000);
    CHECK(taken >= 500 + 6930);
    CHECK(taken <= 500 + 7000);
    CHECK(bucket.take(now + seconds(100), rate, 500));
    CHECK_FALSE(bucket.take(now + seconds(100), rate, 1));
    CHECK_FALSE(bucket.take(now, rate, 1));
  }
  TokenBucket closed;
  CHECK_FALSE(closed.take(Time{seconds(1'700'000'000)}, {0, 0}, 1));
}

}  // namespace parley::turn
