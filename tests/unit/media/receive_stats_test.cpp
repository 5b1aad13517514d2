#include "sfu/media/receive_stats.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

std::optional<DropReason> drop(ReceiveStats& stats, std::uint16_t sequence) { return stats.receive(at({}), view(sequence)).drop; }

}  // namespace

TEST_CASE("sequence numbers and timestamps are unwrapped across the wrap-around") {
  ReceiveStats stats({1}, 90000);
  const auto before = stats.receive(at({}), view(65535, 0xFFFFFF00));
  const auto after = stats.receive(at({}), view(0, 0x100));
  CHECK(after.sequence == before.sequence + 1);
  CHECK(after.timestamp == before.timestamp + 0x200);
  CHECK(after.newest);
  const auto late = stats.receive(at({}), view(65534, 0xFFFFFE00));
  CHECK(late.sequence == before.sequence - 1);
  CHECK_FALSE(late.newest);
  CHECK_FALSE(late.drop);
}

TEST_CASE("a packet that came before is a duplicate, one behind the window is too old") {
  ReceiveStats stats({1}, 90000);
  CHECK_FALSE(drop(stats, 5000));
  CHECK(drop(stats, 5000) == DropReason::rtp_duplicate);
  CHECK_FALSE(drop(stats, 5002));
  CHECK_FALSE(drop(stats, 5001));
  CHECK(drop(stats, 5001) == DropReason::rtp_duplicate);
  CHECK_FALSE(drop(stats, 5002 + ReceiveStats::window - 1));
  CHECK(drop(stats, 5002) == DropReason::rtp_duplicate);
  CHECK_FALSE(drop(stats, 5003));
  CHECK(drop(stats, 4999) == DropReason::rtp_too_old);
}

TEST_CASE("a jump over the whole window forgets what came before it") {
  ReceiveStats stats({1}, 90000);
  drop(stats, 100);
  CHECK_FALSE(drop(stats, 20000));
  CHECK_FALSE(drop(stats, 20000 - 1023));
  CHECK_FALSE(drop(stats, static_cast<std::uint16_t>(100 + 1024 * 19)));  // the slot that packet 100 had
}

TEST_CASE("a report tells the fraction lost since the last report and the loss since the beginning") {
  ReceiveStats stats({9}, 90000);
  CHECK_FALSE(stats.report(at({})));
  for (const int sequence : {65530, 65531, 65533, 0, 1})
    drop(stats, static_cast<std::uint16_t>(sequence));  // 65532, 65534 and 65535 are missing
  auto report = stats.report(at({}));
  REQUIRE(report);
  CHECK(report->source == Ssrc{9});
  CHECK(report->lost == 3);
  CHECK(report->fraction_lost == 3 * 256 / 8);
  CHECK(report->highest_sequence == 0x10001);
  drop(stats, 2);
  report = stats.report(at({}));
  CHECK(report->fraction_lost == 0);
  CHECK(report->lost == 3);
  drop(stats, 65535);
  CHECK(stats.report(at({}))->lost == 2);
}

TEST_CASE("a repaired packet is not lost for the receivers but stays lost in the report") {
  ReceiveStats stats({1}, 90000);
  drop(stats, 10);
  drop(stats, 12);
  CHECK_FALSE(stats.receive_repaired(view(11)).drop);
  CHECK(stats.receive_repaired(view(11)).drop == DropReason::rtp_duplicate);
  CHECK(stats.lost() == 1);
}

TEST_CASE("a packet whose copy was sent ahead as a probe counts as received") {
  ReceiveStats stats({1}, 90000);
  drop(stats, 10);
  CHECK_FALSE(stats.receive_repaired(view(11)).drop);
  CHECK(drop(stats, 11) == DropReason::rtp_duplicate);
  CHECK(stats.lost() == 0);
}

TEST_CASE("jitter follows RFC 3550 appendix A.8") {
  ReceiveStats stats({1}, 8000);
  // 20 ms of media every 20 ms, then one packet 16 ms late.
  for (int i = 0; i < 10; ++i) stats.receive(at(milliseconds(20 * i)), view(static_cast<std::uint16_t>(i), 160u * i));
  CHECK(stats.report(at({}))->jitter == 0);
  stats.receive(at(milliseconds(216)), view(10, 1600));
  CHECK(stats.report(at({}))->jitter == 8);  // 16 ms / 16 = 1 ms = 8 units
}

TEST_CASE("padding-only packets, which repeat timestamps, do not disturb the jitter") {
  ReceiveStats stats({1}, 48000);
  stats.receive(at(milliseconds(0)), view(0, 0));
  stats.receive(at(milliseconds(15)), view(1, 0, {}));
  stats.receive(at(milliseconds(20)), view(2, 960));
  CHECK(stats.report(at({}))->jitter == 0);
}

TEST_CASE("a sender report is answered with LSR and DLSR") {
  ReceiveStats stats({1}, 90000);
  stats.receive(at(seconds(1)), view(0, 5000));
  CHECK(stats.report(at(seconds(1)))->last_sender_report == 0);
  rtp::SenderReport report;
  report.ntp = 0x1111222233334444;
  report.timestamp = 4000;
  stats.receive(at(seconds(2)), report);
  REQUIRE(stats.clock());
  CHECK(stats.clock()->arrival == at(seconds(2)));
  CHECK(stats.receive(at(seconds(2)), view(1, 4000)).timestamp == stats.clock()->timestamp);
  const auto block = stats.report(at(seconds(2) + milliseconds(500)));
  CHECK(block->last_sender_report == 0x22223333);
  CHECK(block->delay_since_report == 32768);
}

TEST_CASE("values that a hostile sender claims do not overflow") {
  ReceiveStats stats({1}, 90000);
  std::uint32_t timestamp = 0;
  for (std::uint16_t i = 0; i < 2000; ++i)
    stats.receive(at(hours(i)), view(static_cast<std::uint16_t>(i * 32767), timestamp += 0x7FFFFFFF));
  rtp::SenderReport report;
  report.ntp = UINT64_MAX;
  report.timestamp = UINT32_MAX;
  stats.receive(at({}), report);
  const auto block = stats.report(at(hours(24 * 365 * 20)));
  REQUIRE(block);
  CHECK(block->lost == 0x7FFFFF);
  CHECK(block->delay_since_report == UINT32_MAX);
}

TEST_CASE("a late packet is no duplicate of the one that had its place in the window before") {
  ReceiveStats stats({1}, 90000);
  drop(stats, 100);
  drop(stats, 1123);
  drop(stats, 1125);
  CHECK_FALSE(drop(stats, 1124));
}
