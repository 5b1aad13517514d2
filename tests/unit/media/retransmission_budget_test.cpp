#include "sfu/media/retransmission_budget.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace parley;
using namespace parley::media;

namespace {
Time at(Duration since) { return Time(seconds(1) + since); }
}  // namespace

TEST_CASE("without an estimate nothing is limited") {
  RetransmissionBudget budget;
  for (int i = 0; i < 1000; ++i) CHECK(budget.take(at({}), 1200));
}

TEST_CASE("in no second more than a quarter of the estimate is retransmitted, and nearly that much can be") {
  const std::uint64_t estimate = GENERATE(300'000u, 1'000'000u, 20'000'000u);
  RetransmissionBudget budget;
  budget.set_estimate(at({}), estimate);
  std::vector<Duration> sent;
  for (Duration now{}; now < seconds(10); now += milliseconds(1)) {
    if (now % milliseconds(100) == Duration{}) budget.set_estimate(at(now), estimate);
    while (budget.take(at(now), 1000)) sent.push_back(now);
  }
  for (std::size_t i = 0; i < sent.size(); ++i) {
    std::size_t bytes = 0;
    for (std::size_t j = i; j < sent.size() && sent[j] - sent[i] < seconds(1); ++j) bytes += 1000;
    CHECK(bytes <= estimate / 8 / 4 + 1000);
  }
  CHECK(sent.size() * 1000 > estimate / 8 * 10 * 19 / 100);
}

TEST_CASE("a small estimate still lets a whole packet through now and then") {
  RetransmissionBudget budget;
  budget.set_estimate(at({}), 50'000);
  CHECK(budget.take(at({}), 1200));
  CHECK_FALSE(budget.take(at({}), 1200));
  CHECK_FALSE(budget.take(at(milliseconds(900)), 1200));
  CHECK(budget.take(at(milliseconds(1100)), 1200));
}

TEST_CASE("when the estimate falls, so does what has been saved up") {
  RetransmissionBudget budget;
  budget.set_estimate(at({}), 20'000'000);
  budget.set_estimate(at({}), 200'000);
  CHECK(budget.take(at({}), 1000));
  CHECK_FALSE(budget.take(at({}), 1000));
}
