#include "sfu/rtp/rtcp/transport_feedback.hpp"

#include <catch2/catch.hpp>

#include "sfu/base/random.hpp"
#include "sfu/rtp/rtcp/compound.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

Buffer written(const TransportFeedback& feedback) {
  Buffer out(65536);
  Writer writer(out);
  write(feedback, writer);
  REQUIRE(writer.ok());
  out.resize(writer.size());
  return out;
}

TransportFeedback reread(const Buffer& packet) {
  Compound messages(packet);
  const auto message = messages.next();
  REQUIRE(message);
  REQUIRE(std::holds_alternative<TransportFeedback>(*message));
  CHECK_FALSE(messages.next());
  CHECK(messages.ok());
  return std::get<TransportFeedback>(*message);
}

TransportFeedback feedback(TransportFeedback::Arrivals arrivals) {
  return {.sender = {1}, .media = {2}, .base_sequence = 65530, .feedback_count = 200, .arrivals = std::move(arrivals)};
}

/// A whole message around `chunks_and_deltas`, padded with zeros and no P bit, as some senders do.
std::optional<TransportFeedback> parse_body(std::uint16_t count, Buffer chunks_and_deltas) {
  Buffer body = {0, 0, 0, 1, 0, 0, 0, 2, 0, 10, static_cast<std::uint8_t>(count >> 8), static_cast<std::uint8_t>(count),
                 0, 0, 1, 9};
  body.insert(body.end(), chunks_and_deltas.begin(), chunks_and_deltas.end());
  return parse_transport_feedback(body);
}

}  // namespace

TEST_CASE("feedback that Chromium sent is read") {
  const Buffer packet = {0xAF, 0xCD, 0x00, 0x05, 0xFA, 0x17, 0xFA, 0x17, 0x43, 0x03, 0x2F, 0xA0,
                         0x00, 0x99, 0x00, 0x01, 0x3D, 0xE8, 0x02, 0x17, 0x20, 0x01, 0x94, 0x01};
  const auto message = reread(packet);
  CHECK(message.sender == Ssrc{0xFA17FA17});
  CHECK(message.media == Ssrc{0x43032FA0});
  CHECK(message.base_sequence == 153);
  CHECK(message.feedback_count == 23);
  CHECK(message.arrivals == TransportFeedback::Arrivals{4057090 * milliseconds(64) + milliseconds(37)});
  CHECK(written(message) == packet);
}

TEST_CASE("feedback keeps gaps, large steps and arrivals out of order") {
  const Duration begin = milliseconds(64 * 1000 + 3);
  const auto message = feedback({begin, {}, begin + milliseconds(70), begin + milliseconds(60), {}, begin + seconds(8)});
  CHECK(reread(written(message)) == message);
}

TEST_CASE("feedback may begin and end with lost packets") {
  const auto message = feedback({{}, {}, {}, seconds(3), {}});
  CHECK(reread(written(message)) == message);
}

TEST_CASE("a long run takes one chunk") {
  TransportFeedback::Arrivals arrivals;
  arrivals.resize(2000);
  arrivals.push_back(seconds(1));
  const Buffer packet = written(feedback(arrivals));
  CHECK(packet.size() < 40);
  CHECK(reread(packet).arrivals == arrivals);
}

TEST_CASE("a step that does not fit into 16 bits is told as lost") {
  const auto message = reread(written(feedback({seconds(1), seconds(20), seconds(2)})));
  CHECK(message.arrivals == TransportFeedback::Arrivals{seconds(1), {}, seconds(2)});
}

TEST_CASE("the reference time wraps around after 2^24 times 64 ms") {
  const Duration wrap = (1 << 24) * milliseconds(64);
  CHECK(reread(written(feedback({wrap * 1000 + milliseconds(128)}))).arrivals.front() == milliseconds(128));
}

TEST_CASE("any pattern of arrivals survives writing and reading, in whole words") {
  Random random = Random::from_number(7);
  for (int round = 0; round < 500; ++round) {
    TransportFeedback::Arrivals arrivals;
    Duration at = seconds(random.below(1000));
    const auto loss = random.below(5);
    for (auto left = random.below(200) + 1; left > 0; --left) {
      at += feedback_tick * static_cast<std::int64_t>(random.below(random.below(20) == 0 ? 4000 : 40));
      arrivals.push_back(random.below(5) < loss ? std::nullopt : std::optional(at));
    }
    const auto message = feedback(arrivals);
    const Buffer packet = written(message);
    CHECK(packet.size() % 4 == 0);
    CHECK(reread(packet) == message);
  }
}

TEST_CASE("all three kinds of chunk are read") {
  // A run of two small deltas; a one-bit vector with the first and the last of 14; a two-bit vector: lost, small, large.
  const auto message = parse_body(19, {0x20, 0x02, 0xA0, 0x01, 0xC6, 0x00, 1, 2, 3, 4, 5, 0xFF, 0xFC});
  REQUIRE(message);
  REQUIRE(message->arrivals.size() == 19);
  const auto tick = [](int ticks) { return std::optional<Duration>(milliseconds(64) + ticks * feedback_tick); };
  CHECK(message->arrivals[0] == tick(1));
  CHECK(message->arrivals[1] == tick(3));
  CHECK(message->arrivals[2] == tick(6));
  CHECK_FALSE(message->arrivals[3]);
  CHECK(message->arrivals[15] == tick(10));
  CHECK_FALSE(message->arrivals[16]);
  CHECK(message->arrivals[17] == tick(15));
  CHECK(message->arrivals[18] == tick(11));
}

TEST_CASE("malformed feedback is refused") {
  CHECK_FALSE(parse_body(0, {}));
  CHECK_FALSE(parse_body(3, {}));                        // no chunk
  CHECK_FALSE(parse_body(3, {0x00, 0x00, 0x00, 0x00}));  // runs of nothing
  CHECK_FALSE(parse_body(3, {0x20, 0x03, 1, 2}));        // a delta is missing
  CHECK_FALSE(parse_body(1, {0x60, 0x01, 0, 0}));        // the reserved symbol
  CHECK_FALSE(
      parse_body(60000, {0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF}));
}
