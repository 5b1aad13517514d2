#include "sfu/media/rewriter.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "tests/captures/capture.hpp"
#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

Random generator = Random::from_number(11);

struct Stream {
  Rewriter rewriter{90000, generator};

  std::optional<Rewritten> rewrite(Time time, const MediaPacket& packet) {
    Rewritten numbers;
    return rewriter.rewrite(time, packet, numbers) ? std::optional(numbers) : std::nullopt;
  }
  Duration now{};

  Rewritten start(const MediaPacket& packet, const std::optional<SenderClock>& clock = {}) {
    rewriter.start(at(now), packet, clock);
    return send(packet);
  }
  Rewritten send(const MediaPacket& packet) {
    const auto numbers = rewrite(at(now), packet);
    REQUIRE(numbers);
    return *numbers;
  }
};

/// The sender clock of a layer whose timestamp was `timestamp` at `seconds` on the sender's wall clock.
SenderClock clock_at(std::uint64_t seconds, Timestamp timestamp) {
  return {.ntp = seconds << 32, .timestamp = timestamp, .arrival = {}};
}

}  // namespace

TEST_CASE("an outgoing stream begins below 2^15 and then counts on across the wrap-around") {
  Stream stream;
  const auto first = stream.start(packet(65536 + 65000));
  CHECK(first.sequence < 1 << 15);
  for (Sequence i = 1; i < 70000; ++i) {
    const auto numbers = stream.send(packet(65536 + 65000 + i));
    REQUIRE(numbers.sequence == first.sequence + i);
    REQUIRE(numbers.wire_sequence() == static_cast<std::uint16_t>(first.sequence + i));
  }
}

TEST_CASE("nothing is rewritten before the start, nor what is older than it") {
  Stream stream;
  CHECK_FALSE(stream.rewrite(at({}), packet(10)));
  CHECK_FALSE(stream.rewriter.skip(packet(10)));
  stream.start(packet(10));
  CHECK_FALSE(stream.rewrite(at({}), packet(9)));
}

TEST_CASE("packets lost on the way to us stay missing, and fit in when they come late") {
  Stream stream;
  const auto first = stream.start(packet(10)).sequence;
  CHECK(stream.send(packet(13)).sequence == first + 3);
  CHECK(stream.send(packet(11)).sequence == first + 1);
  CHECK(stream.send(packet(12)).sequence == first + 2);
}

TEST_CASE("packets left out on purpose leave no gap") {
  Stream stream;
  const auto first = stream.start(packet(10)).sequence;
  for (const Sequence padding : {11, 12, 13}) CHECK_FALSE(stream.rewriter.skip(packet(padding)));
  CHECK(stream.send(packet(14)).sequence == first + 1);
  CHECK_FALSE(stream.rewriter.skip(packet(15)));
  CHECK(stream.send(packet(16)).sequence == first + 2);
}

TEST_CASE("a packet that arrives after a squeeze behind it still gets the number that was left for it") {
  Stream stream;
  const auto first = stream.start(packet(10)).sequence;
  CHECK_FALSE(stream.rewriter.skip(packet(12)));         // 11 is still on its way
  CHECK(stream.send(packet(13)).sequence == first + 2);  // first + 1 is left for it
  CHECK_FALSE(stream.rewriter.skip(packet(15)));         // and so is 14
  CHECK(stream.send(packet(16)).sequence == first + 4);
  CHECK(stream.send(packet(11)).sequence == first + 1);
  CHECK(stream.send(packet(14)).sequence == first + 3);
  CHECK(stream.send(packet(17)).sequence == first + 5);
}

TEST_CASE("padding that arrives after its number was left free is to be sent as padding") {
  Stream stream;
  const auto first = stream.start(packet(10, 1000));
  const auto newest = stream.send(packet(12, 4000));
  const auto filler = stream.rewriter.skip(packet(11));
  REQUIRE(filler);
  CHECK(filler->sequence == first.sequence + 1);
  CHECK(filler->timestamp == newest.timestamp);
  CHECK(stream.send(packet(13)).sequence == first.sequence + 3);
}

TEST_CASE("padding that is reordered with padding leaves a number that is to be filled") {
  Stream stream;
  const auto first = stream.start(packet(10)).sequence;
  CHECK_FALSE(stream.rewriter.skip(packet(12)));
  const auto filler = stream.rewriter.skip(packet(11));
  REQUIRE(filler);
  CHECK(filler->sequence == first + 1);
  CHECK(stream.send(packet(13)).sequence == first + 2);
}

TEST_CASE("only so many squeezes are remembered for late packets") {
  Stream stream;
  stream.start(packet(0));
  Sequence next = 2;  // 1 is missing
  for (std::size_t i = 0; i < Rewriter::maximum_ranges + 1; ++i, next += 2) {
    stream.send(packet(next));
    stream.rewriter.skip(packet(next + 1));
  }
  CHECK_FALSE(stream.rewrite(at({}), packet(1)));
  CHECK(stream.rewrite(at({}), packet(next)));
}

TEST_CASE("any order of loss, padding and reordering gives each forwarded packet one number, in order of the source") {
  Random random = Random::from_number(99);
  for (int round = 0; round < 200; ++round) {
    Stream stream;
    std::vector<Sequence> order;
    std::set<Sequence> padding;
    for (Sequence sequence = 1; sequence <= 200; ++sequence) {
      if (random.below(10) == 0) continue;  // lost
      if (random.below(5) == 0) padding.insert(sequence);
      order.push_back(sequence);
    }
    for (std::size_t i = 0; i + 3 < order.size(); ++i)
      if (random.below(5) == 0) std::swap(order[i], order[i + random.below(3)]);
    std::map<Sequence, Sequence> placed;
    stream.start(packet(0));
    std::set<Sequence> used;
    for (const Sequence sequence : order) {
      const auto numbers =
          padding.contains(sequence) ? stream.rewriter.skip(packet(sequence)) : std::optional(stream.send(packet(sequence)));
      if (!numbers) continue;
      REQUIRE(used.insert(numbers->sequence).second);
      if (!padding.contains(sequence)) placed[sequence] = numbers->sequence;
    }
    Sequence previous = -1;
    for (const auto& [source, outgoing] : placed) {
      REQUIRE(outgoing > previous);
      previous = outgoing;
    }
  }
}

TEST_CASE("a switch continues the sequence numbers with the next one") {
  Stream stream;
  stream.start(packet(10));
  const auto last = stream.send(packet(12));
  const auto first = stream.start(packet(5000, 0, true));
  CHECK(first.sequence == last.sequence + 1);
  CHECK(stream.send(packet(5001)).sequence == last.sequence + 2);
}

TEST_CASE("without sender reports a switch moves the timestamp on by the time that has passed") {
  Stream stream;
  const auto last = stream.start(packet(10, 1000));
  stream.now = milliseconds(200);
  const auto first = stream.start(packet(5000, 777'777, true));
  CHECK(first.timestamp - last.timestamp == 18000);
  CHECK(stream.send(packet(5001, 777'777 + 3000)).timestamp - first.timestamp == 3000);
}

TEST_CASE("with sender reports a switch is exact, however late the packet arrives") {
  Stream stream;
  const auto last = stream.start(packet(10, 90000), clock_at(100, 0));  // one second after the report
  stream.now = milliseconds(350);                                       // arrives late
  const auto first = stream.start(packet(5000, 1'000'000 + 99000, true), clock_at(100, 1'000'000));
  CHECK(first.timestamp - last.timestamp == 9000);
}

TEST_CASE("sender reports of different instants agree") {
  Stream stream;
  const auto last = stream.start(packet(10, 90000), clock_at(100, 0));
  stream.rewriter.update_clock(clock_at(101, 90000));
  stream.now = milliseconds(100);
  const auto first = stream.start(packet(5000, 9000 + 500, true), clock_at(101, 500));
  CHECK(first.timestamp - last.timestamp == 9000);
}

TEST_CASE("the first frame after a switch is later than the last one before it") {
  Stream stream;
  const auto last = stream.start(packet(10, 90000), clock_at(100, 0));
  const auto first = stream.start(packet(5000, 90000, true), clock_at(100, 0));  // the same picture in another size
  CHECK(first.timestamp - last.timestamp == 3000);
}

TEST_CASE("sender reports that contradict the arrival are not believed") {
  Stream stream;
  const auto last = stream.start(packet(10, 90000), clock_at(100, 0));
  stream.now = milliseconds(100);
  const auto first = stream.start(packet(5000, 99000, true), clock_at(4'000'000'000, 0));
  CHECK(first.timestamp - last.timestamp == 9000);
}

TEST_CASE("the publisher's clock is carried over with the outgoing timestamps") {
  Stream stream;
  CHECK_FALSE(stream.rewriter.outgoing_clock());
  const auto first = stream.start(packet(10, 90000));
  CHECK_FALSE(stream.rewriter.outgoing_clock());
  stream.rewriter.update_clock(clock_at(100, 45000));
  const auto clock = stream.rewriter.outgoing_clock();
  REQUIRE(clock);
  CHECK(clock->ntp == 100ull << 32);
  CHECK(static_cast<std::uint32_t>(clock->timestamp) == first.timestamp - 45000);
}

TEST_CASE("VP8's picture numbers go on across a switch and across their wrap-around") {
  Stream stream;
  CHECK(stream.start(vp8_packet(10, 0, 0x7FFE, 0xFE, true)).picture_id == 0x7FFE);
  CHECK(stream.send(vp8_packet(11, 3000, 0x7FFF, 0xFF)).picture_id == 0x7FFF);
  stream.now = milliseconds(66);
  const auto first = stream.start(vp8_packet(500, 9, 123, 45, true));
  CHECK(first.picture_id == 0);
  CHECK(first.tl0_picture_index == 0);
  const auto second = stream.send(vp8_packet(502, 3009, 125, 45));
  CHECK(second.picture_id == 2);
  CHECK(second.tl0_picture_index == 0);
  CHECK(stream.send(vp8_packet(501, 2009, 124, 45)).picture_id == 1);
  stream.now = milliseconds(133);
  CHECK(stream.start(vp8_packet(20, 9000, 7, 1, true)).picture_id == 3);
}

TEST_CASE("a VP8 payload gets its new numbers without touching the stored bytes") {
  const Buffer payload = captures::from_hex("90e0b898c220b01b009d");
  auto original = packet(1);
  original.codec = rtp::Codec::vp8;
  original.payload = payload;
  original.frame = *place_vp8(payload, original.keyframe);
  Rewritten numbers;
  numbers.picture_id = 5;
  numbers.tl0_picture_index = 6;
  const auto edit = edit_payload(original, numbers);
  Buffer sent(edit.prefix().begin(), edit.prefix().end());
  sent.insert(sent.end(), edit.rest(payload).begin(), edit.rest(payload).end());
  CHECK(sent == captures::from_hex("90e080050620b01b009d"));
  CHECK(payload == captures::from_hex("90e0b898c220b01b009d"));
  CHECK(edit_payload(packet(1), numbers).prefix().empty());
}

TEST_CASE("a switch right after a late packet continues behind the newest one") {
  Stream stream;
  stream.start(packet(10));
  const auto newest = stream.send(packet(13));
  stream.send(packet(11));
  CHECK(stream.start(packet(5000, 0, true)).sequence == newest.sequence + 1);
}
