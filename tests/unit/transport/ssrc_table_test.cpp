#include "sfu/transport/ssrc_table.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "sfu/base/random.hpp"

namespace parley::transport {

TEST_CASE("An empty table knows nobody, and nobody can be removed") {
  SsrcTable<int> table;
  CHECK_FALSE(table.find(Ssrc{1}));
  table.remove(Ssrc{1});
  CHECK(table.size() == 0);
}

TEST_CASE("The table holds what a map would hold") {
  Random random = Random::from_number(1);
  SsrcTable<std::uint64_t> table;
  std::map<Ssrc, std::uint64_t> expected;
  for (int i = 0; i < 20000; ++i) {
    // Numbers that follow each other, numbers that differ in high bits only, and zero among them.
    const auto number = static_cast<std::uint32_t>(random.below(200));
    const Ssrc ssrc{random.below(2) ? number : number << 24};
    if (random.below(3) == 0) {
      table.remove(ssrc);
      expected.erase(ssrc);
    } else {
      const std::uint64_t value = random.next();
      table.find_or_add(ssrc) = value;
      expected[ssrc] = value;
    }
    REQUIRE(table.size() == expected.size());
    const auto found = expected.find(ssrc);
    REQUIRE((table.find(ssrc) != nullptr) == (found != expected.end()));
  }
  for (const auto& [ssrc, value] : expected) {
    REQUIRE(table.find(ssrc));
    CHECK(*table.find(ssrc) == value);
  }
}

}  // namespace parley::transport
