// The cases of parley-sim with one seed: every figure that was promised is reached. PARLEY_SEED plays another one.

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/sim/quality/cases.hpp"
#include "tests/sim/quality/plot.hpp"
#include "tests/sim/quality/report.hpp"

using namespace parley::quality;

namespace {

void play(const std::vector<Case>& cases) {
  const char* const wanted = std::getenv("PARLEY_SEED");
  const std::uint64_t seed = wanted ? std::strtoull(wanted, nullptr, 10) : 1;
  for (const Case& each : cases) {
    const Outcome outcome = each.play(seed);
    INFO(table(each, seed, outcome));
    CHECK(outcome.reached());
  }
}

}  // namespace

// In parts, so that they can run beside each other.
TEST_CASE("flows on a shared link use it, are fair to each other, and keep its queue short (RFC 8867)") {
  play(shared_link_cases());
}
TEST_CASE("the estimate on the way to one viewer follows what happens to it") { play(downlink_cases()); }
TEST_CASE("the engine shares, spreads, repairs and chooses so that nobody is disturbed by it") { play(engine_cases()); }

TEST_CASE("a quality case repeats with its seed, bit for bit") {
  const Case* const played = find_case("5.4");
  REQUIRE(played);
  CHECK(json(*played, 3, played->play(3)) == json(*played, 3, played->play(3)));
  CHECK(json(*played, 3, played->play(3)) != json(*played, 4, played->play(4)));
}

TEST_CASE("a plot has a panel for each unit and a line for each series") {
  const std::string picture =
      plot("a < b", {.panels = {{"Mbit/s", {{"capacity", {1, 2}}, {"estimate", {0.5, 1}}}}, {"ms", {{"queue", {0, 7}}}}}});
  CHECK(picture.starts_with("<svg"));
  CHECK(picture.ends_with("</svg>\n"));
  CHECK(picture.find("a &lt; b") != picture.npos);
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = picture.find("<polyline", at)) != picture.npos; ++at) ++lines;
  CHECK(lines == 3);
}

TEST_CASE("a figure is reached within its bounds, both included") {
  CHECK(at_least("x", 85, 85, "%").reached());
  CHECK_FALSE(at_least("x", 85, 84.9, "%").reached());
  CHECK(at_most("x", 0.8, 0.8, "s").reached());
  CHECK_FALSE(between("x", 25, 65, 66, "%").reached());
  CHECK_FALSE(at_most("x", 1, std::numeric_limits<double>::quiet_NaN(), "").reached());
}
