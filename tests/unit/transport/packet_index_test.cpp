#include "sfu/transport/packet_index.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "sfu/base/random.hpp"

namespace parley::transport {

TEST_CASE("The first packet begins without a rollover, whatever its sequence number") {
  CHECK(estimate_index(std::nullopt, 0) == 0);
  CHECK(estimate_index(std::nullopt, 65535) == 65535);
}

TEST_CASE("A packet's index is the one with its sequence number that is nearest to the highest so far") {
  constexpr std::uint64_t round = 0x10000;
  CHECK(estimate_index(5, 6) == 6);
  CHECK(estimate_index(5, 4) == 4);
  CHECK(estimate_index(65535, 0) == round);
  CHECK(estimate_index(65000, 3) == round + 3);
  CHECK(estimate_index(round + 3, 65000) == 65000);
  CHECK(estimate_index(3 * round + 40000, 30000) == 3 * round + 30000);
  CHECK(estimate_index(3 * round + 40000, 7000) == 4 * round + 7000);
  CHECK(estimate_index(3 * round + 7000, 40000) == 2 * round + 40000);
  CHECK(estimate_index(3 * round + 7000, 39000) == 3 * round + 39000);
}

TEST_CASE("Before the first rollover there is none to take back") { CHECK(estimate_index(5, 65000) == 65000); }

TEST_CASE("The window knows 1024 packets, as a set would") {
  Random random = Random::from_number(1);
  ReplayWindow window;
  std::set<std::uint64_t> added;
  std::uint64_t newest = 5000;
  for (int i = 0; i < 20000; ++i) {
    // Mostly near the newest; sometimes a leap over half of the window, or all of it.
    if (random.below(100) == 0) newest += random.below(2000);
    const std::uint64_t index = newest + 3 - random.below(i % 2 ? 8 : 1200);
    const bool too_old = window.highest() && *window.highest() >= index + ReplayWindow::size;
    INFO(i);
    REQUIRE(window.is_new(index) == (!too_old && !added.contains(index)));
    if (!window.is_new(index)) continue;
    window.add(index);
    added.insert(index);
    newest = std::max(newest, index);
    REQUIRE(window.highest() == *added.rbegin());
    REQUIRE_FALSE(window.is_new(index));
  }
}

}  // namespace parley::transport
