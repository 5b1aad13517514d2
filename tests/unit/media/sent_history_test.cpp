#include "sfu/media/sent_history.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

SentRecord record(Sequence outgoing, Sequence source = 0) {
  SentRecord result;
  result.numbers.sequence = outgoing;
  result.sequence = source;
  return result;
}

std::optional<Sequence> source_of(const std::variant<SentRecord, DropReason>& found) {
  const auto* sent = std::get_if<SentRecord>(&found);
  return sent ? std::optional(sent->sequence) : std::nullopt;
}

constexpr Duration round_trip = milliseconds(50);

}  // namespace

TEST_CASE("a sent packet is found by the number under which it was sent, across the wrap-around") {
  SentHistory history;
  for (Sequence sequence = 65000; sequence < 66000; ++sequence) history.add(record(sequence, sequence + 7));
  CHECK(source_of(history.retransmit(at({}), 65535, round_trip)) == 65535 + 7);
  CHECK(source_of(history.retransmit(at({}), 0, round_trip)) == 65536 + 7);
}

TEST_CASE("what was never sent or is long ago is not cached") {
  SentHistory history(16);
  CHECK(std::get<DropReason>(history.retransmit(at({}), 1, round_trip)) == DropReason::nack_not_cached);
  for (Sequence sequence = 100; sequence < 120; ++sequence)
    if (sequence != 110) history.add(record(sequence));
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{99, 103, 110, 120, 40000})
    CHECK(std::get<DropReason>(history.retransmit(at({}), sequence, round_trip)) == DropReason::nack_not_cached);
  CHECK(source_of(history.retransmit(at({}), 104, round_trip)));
}

TEST_CASE("what is forgotten is not sent again, and what follows is") {
  SentHistory history(16);
  for (Sequence sequence = 100; sequence < 110; ++sequence) history.add(record(sequence));
  history.forget();
  CHECK(std::get<DropReason>(history.retransmit(at({}), 109, round_trip)) == DropReason::nack_not_cached);
  CHECK_FALSE(history.newest());
  history.add(record(110, 7));
  CHECK(source_of(history.retransmit(at({}), 110, round_trip)) == 7);
  CHECK(history.newest()->sequence == 7);
}

TEST_CASE("a late packet is remembered too") {
  SentHistory history(16);
  for (const Sequence sequence : {100, 102, 101}) history.add(record(sequence, sequence));
  CHECK(source_of(history.retransmit(at({}), 101, round_trip)) == 101);
}

TEST_CASE("the history grows until it holds what was sent within its time, and no further than its limit") {
  SentHistory history(256);
  Duration now{};
  const auto send = [&](Sequence sequence, Duration apart) {
    now += apart;
    auto one = record(sequence);
    one.sent = at(now);
    history.add(one);
  };
  for (Sequence sequence = 1; sequence <= 500; ++sequence) send(sequence, SentHistory::kept_for / 80);
  CHECK(source_of(history.retransmit(at(now), 500 - 79, round_trip)));
  CHECK_FALSE(source_of(history.retransmit(at(now), 500 - 128, round_trip)));
  CHECK(history.newest()->numbers.sequence == 500);
  for (Sequence sequence = 501; sequence <= 1500; ++sequence) send(sequence, milliseconds(1));
  CHECK(source_of(history.retransmit(at(now), 1500 - 255, round_trip)));
  CHECK_FALSE(source_of(history.retransmit(at(now), 1500 - 256, round_trip)));
  CHECK(history.newest()->numbers.sequence == 1500);
}

TEST_CASE("a packet is retransmitted at most once in a round trip") {
  SentHistory history;
  history.add(record(1));
  CHECK(source_of(history.retransmit(at(milliseconds(10)), 1, round_trip)));
  CHECK(std::get<DropReason>(history.retransmit(at(milliseconds(59)), 1, round_trip)) == DropReason::nack_too_soon);
  CHECK(source_of(history.retransmit(at(milliseconds(60)), 1, round_trip)));
}

TEST_CASE("each further answer waits for one more round trip, and after eight there is none") {
  SentHistory history;
  history.add(record(1));
  Duration now = milliseconds(10);
  for (int answers = 0; answers < SentHistory::maximum_retransmissions; ++answers) {
    CHECK(source_of(history.retransmit(at(now), 1, round_trip)));
    now += round_trip * (answers + 1);
    CHECK(std::get<DropReason>(history.retransmit(at(now - milliseconds(1)), 1, round_trip)) ==
          (answers + 1 < SentHistory::maximum_retransmissions ? DropReason::nack_too_soon : DropReason::nack_too_often));
  }
  CHECK(std::get<DropReason>(history.retransmit(at(now + seconds(10)), 1, round_trip)) == DropReason::nack_too_often);
  history.add(record(1 + SentHistory::video_capacity));
  CHECK(source_of(history.retransmit(at(now), 1 + SentHistory::video_capacity, round_trip)));
}
