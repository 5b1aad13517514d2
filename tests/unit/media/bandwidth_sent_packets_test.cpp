#include "sfu/media/bandwidth/sent_packets.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/bandwidth_helpers.hpp"

using namespace parley;
using namespace parley::media::bandwidth;
using namespace parley::media::bandwidth::testing;

namespace {

using Fate = PacketResult::Fate;

Duration ms(int count) { return milliseconds(count); }

}  // namespace

TEST_CASE("feedback tells of each packet whether and when it arrived") {
  SentPackets packets;
  CHECK(packets.add(begin, 1200, {}) == 0);
  CHECK(packets.add(begin + ms(5), 800, {7}) == 1);
  CHECK(packets.add(begin + ms(10), 100, {}) == 2);
  const auto results = packets.match(begin + ms(60), feedback(0, {ms(1000), std::nullopt, ms(1012)}));
  REQUIRE(results.size() == 3);
  CHECK(results[0].fate == Fate::received);
  CHECK(results[0].bytes == 1200);
  CHECK(results[1].fate == Fate::lost);
  CHECK(results[1].probe == ProbeId{7});
  CHECK(results[2].arrival - results[0].arrival == ms(12));
  CHECK(results[2].sent == begin + ms(10));
}

TEST_CASE("a packet is reported once, except that a lost one may still arrive") {
  SentPackets packets;
  packets.add(begin, 1200, {});
  packets.add(begin, 1200, {});
  CHECK(packets.match(begin, feedback(0, {ms(1), std::nullopt})).size() == 2);
  const auto again = packets.match(begin, feedback(0, {ms(1), ms(9)}));
  REQUIRE(again.size() == 1);
  CHECK(again[0].fate == Fate::received);
  CHECK(packets.match(begin, feedback(0, {ms(1), ms(9)})).empty());
}

TEST_CASE("packets that a lost feedback message would have told of are unknown, not lost") {
  SentPackets packets;
  for (int i = 0; i < 4; ++i) packets.add(begin, 1200, {});
  const auto results = packets.match(begin, feedback(2, {ms(1), ms(2)}));
  REQUIRE(results.size() == 4);
  CHECK(results[0].fate == Fate::unknown);
  CHECK(results[1].fate == Fate::unknown);
  CHECK(results[2].fate == Fate::received);
}

TEST_CASE("transport-wide sequence numbers and the receiver's reference time wrap around") {
  SentPackets packets;
  const Duration period = rtp::feedback_reference_tick * (1 << 24);
  Duration first{};
  Duration last{};
  for (int i = 0; i < 70'000; ++i) {
    const Time now = begin + ms(i);
    const std::uint16_t sequence = packets.add(now, 100, {});
    const auto results = packets.match(now, feedback(sequence, {(period - seconds(30) + ms(i)) % period}));
    REQUIRE(results.size() == 1);
    if (i == 0) first = results[0].arrival;
    last = results[0].arrival;
  }
  CHECK(last - first == ms(69'999));
}

TEST_CASE("feedback about packets that were never sent is ignored") {
  SentPackets packets;
  CHECK(packets.match(begin, feedback(0, {ms(1)})).empty());
  packets.add(begin, 1200, {});
  CHECK(packets.match(begin, feedback(1, {ms(1)})).empty());
  CHECK(packets.match(begin, feedback(40'000, {ms(1)})).empty());
  CHECK(packets.match(begin, feedback(0, std::vector<std::optional<Duration>>(8000, ms(1)))).size() == 1);
}

TEST_CASE("a message may begin with packets that are forgotten and end with ones that are not") {
  SentPackets packets;
  packets.add(begin, 1200, {});
  packets.match(begin, feedback(0, {ms(1)}));
  packets.add(begin + seconds(1), 1200, {});
  packets.match(begin + seconds(1), feedback(1, {ms(1001)}));
  packets.add(begin + seconds(1), 1200, {});
  CHECK(packets.match(begin + seconds(1), feedback(0, {ms(1), ms(1001), ms(1002)})).size() == 1);
}

TEST_CASE("a receiver that never reports does not make the memory grow without end") {
  SentPackets packets;
  for (int i = 0; i < 100'000; ++i) packets.add(begin, 100, {});
  CHECK(packets.match(begin, feedback(static_cast<std::uint16_t>(99'999), {ms(1)})).size() <= SentPackets::capacity);
}

TEST_CASE("a receiver's clock that jumps wildly stays within bounds") {
  SentPackets packets;
  const Duration period = rtp::feedback_reference_tick * (1 << 24);
  Duration newest{};
  for (int i = 0; i < 10'000; ++i) {
    const std::uint16_t sequence = packets.add(begin, 100, {});
    const auto results = packets.match(begin, feedback(sequence, {i % 2 == 0 ? ms(0) : period / 3}));
    REQUIRE(results.size() == 1);
    newest = std::max(newest, results[0].arrival);
    CHECK(results[0].arrival > Duration(0));
  }
  CHECK(newest < period + SentPackets::history * 10'000);
}
