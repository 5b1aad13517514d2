#include "sfu/media/sender_stats.hpp"

#include <catch2/catch.hpp>

#include "sfu/media/clock_math.hpp"
#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

TEST_CASE("a sender report moves the publisher's clock on to the time at which it is sent") {
  SenderStats stats({7});
  stats.sent(100);
  stats.sent(20);
  const SenderClock clock{.ntp = 1000ull << 32, .timestamp = 0x1FFFFFFF0, .arrival = at(seconds(50))};
  const auto report = stats.report(at(seconds(50) + milliseconds(500)), clock, 90000);
  CHECK(report.sender == Ssrc{7});
  CHECK(report.ntp == (1000ull << 32) + (1ull << 31));
  CHECK(report.timestamp == static_cast<std::uint32_t>(0xFFFFFFF0 + 45000));
  CHECK(report.packets == 2);
  CHECK(report.octets == 120);
  CHECK(report.blocks.empty());
}

TEST_CASE("the round trip comes from a receiver's answer to one of the last reports") {
  SenderStats stats({7});
  const SenderClock clock{.ntp = 1000ull << 32, .timestamp = 0, .arrival = at(seconds(50))};
  const auto report = stats.report(at(seconds(60)), clock, 90000);
  rtp::ReportBlock block;
  block.source = {7};
  CHECK_FALSE(stats.round_trip(at(seconds(61)), block));
  block.last_sender_report = static_cast<std::uint32_t>(report.ntp >> 16);
  block.delay_since_report = 65536 / 2;
  CHECK(stats.round_trip(at(seconds(60) + milliseconds(580)), block) == milliseconds(80));
  CHECK(stats.round_trip(at(seconds(60) + milliseconds(400)), block) == Duration::zero());
  for (int i = 1; i <= 8; ++i) stats.report(at(seconds(60 + i)), clock, 90000);
  CHECK_FALSE(stats.round_trip(at(seconds(69)), block));
  block.source = {8};
  CHECK_FALSE(stats.round_trip(at(seconds(69)), block));
}

TEST_CASE("conversions between the clocks keep their precision over long times") {
  CHECK(to_units(hours(24 * 365), 90000) == 90000ll * 3600 * 24 * 365);
  CHECK(to_duration(90000ll * 3600 * 24 * 365, 90000) == hours(24 * 365));
  CHECK(to_units(milliseconds(-1500), 48000) == -72000);
  CHECK(ntp_difference(ntp_add(5ull << 32, milliseconds(250)), 5ull << 32) == milliseconds(250));
  CHECK(ntp_difference(5ull << 32, (5ull << 32) + (1ull << 30)) == -milliseconds(250));
  CHECK(ntp_add(5ull << 32, -milliseconds(250)) == (5ull << 32) - (1ull << 30));
}
