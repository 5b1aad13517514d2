#include "sfu/base/histogram.hpp"

#include <catch2/catch.hpp>
#include <limits>

using parley::Histogram;

TEST_CASE("small values are kept exactly") {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 32; ++value) histogram.add(value);
  CHECK(histogram.count() == 32);
  CHECK(histogram.quantile(0.5) == 15);
  CHECK(histogram.quantile(1) == 31);
  CHECK(histogram.mean() == Approx(15.5));
}

TEST_CASE("a quantile lies within 3.2 % above the value") {
  for (std::uint64_t value = 1; value < std::numeric_limits<std::uint64_t>::max() / 3; value = value * 3 + 1) {
    Histogram histogram;
    histogram.add(value, 2);
    histogram.add(std::numeric_limits<std::uint64_t>::max());
    const auto found = histogram.quantile(0.6);
    CHECK(found >= value);
    CHECK(static_cast<double>(found - value) <= 0.032 * static_cast<double>(value));
  }
}

TEST_CASE("the largest value is exact, and an empty histogram has only zeros") {
  Histogram histogram;
  CHECK(histogram.quantile(0.99) == 0);
  CHECK(histogram.mean() == 0);
  histogram.add(1'000'003);
  CHECK(histogram.quantile(1) == 1'000'003);
  CHECK(histogram.largest() == 1'000'003);
}

TEST_CASE("two histograms add up") {
  Histogram left, right;
  left.add(10, 3);
  right.add(1000);
  left += right;
  std::uint64_t seen = 0;
  left.for_each([&](std::uint64_t, std::uint64_t count) { seen += count; });
  CHECK(seen == 4);
  CHECK(left.quantile(0.75) == 10);
  CHECK(left.largest() == 1000);
}
