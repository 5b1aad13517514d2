#include "sfu/media/twcc.hpp"

#include <catch2/catch.hpp>

#include "sfu/base/random.hpp"
#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

using Messages = std::vector<rtp::TransportFeedback>;

Messages turn(TransportFeedbackGenerator& generator, Duration when) {
  Messages out;
  generator.advance(at(when), out);
  return out;
}

std::vector<std::uint16_t> received(const rtp::TransportFeedback& message) {
  std::vector<std::uint16_t> result;
  for (std::size_t i = 0; i < message.arrivals.size(); ++i)
    if (message.arrivals[i]) result.push_back(static_cast<std::uint16_t>(message.base_sequence + i));
  return result;
}

}  // namespace

TEST_CASE("arrivals are reported after 100 ms, with the gaps between them") {
  TransportFeedbackGenerator generator({5});
  CHECK(generator.wakeup() == never);
  generator.receive(at(milliseconds(1000)), 65534, {8});
  generator.receive(at(milliseconds(1010)), 1, {9});
  CHECK(generator.wakeup() == at(milliseconds(1100)));
  CHECK(turn(generator, milliseconds(1099)).empty());
  const auto messages = turn(generator, milliseconds(1100));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].sender == Ssrc{5});
  CHECK(messages[0].media == Ssrc{9});
  CHECK(messages[0].base_sequence == 65534);
  CHECK(messages[0].arrivals == rtp::TransportFeedback::Arrivals{milliseconds(1000), {}, {}, milliseconds(1010)});
  CHECK(generator.wakeup() == never);
}

TEST_CASE("the next message begins where the last one ended, so that loss between them is told") {
  TransportFeedbackGenerator generator({5});
  generator.receive(at(milliseconds(0)), 10, {9});
  turn(generator, milliseconds(100));
  generator.receive(at(milliseconds(150)), 13, {9});
  const auto messages = turn(generator, milliseconds(250));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].base_sequence == 11);
  CHECK(messages[0].feedback_count == 1);
  CHECK(received(messages[0]) == std::vector<std::uint16_t>{13});
}

TEST_CASE("twenty packets are reported at once") {
  TransportFeedbackGenerator generator({5});
  for (std::uint16_t i = 0; i < 20; ++i) generator.receive(at(milliseconds(i)), i, {9});
  CHECK(generator.wakeup() == at(milliseconds(19)));
  const auto messages = turn(generator, milliseconds(19));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].arrivals.size() == 20);
}

TEST_CASE("duplicates are reported once, reordered packets in their place") {
  TransportFeedbackGenerator generator({5});
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{3, 1, 3, 2, 1})
    generator.receive(at(milliseconds(sequence)), sequence, {9});
  const auto messages = turn(generator, milliseconds(103));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].arrivals == rtp::TransportFeedback::Arrivals{milliseconds(1), milliseconds(2), milliseconds(3)});
}

TEST_CASE("a packet that comes after it was told as lost gets a message of its own") {
  TransportFeedbackGenerator generator({5});
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{1, 4})
    generator.receive(at(milliseconds(0)), sequence, {9});
  turn(generator, milliseconds(100));
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{5, 3, 2})
    generator.receive(at(milliseconds(110)), sequence, {9});
  const auto messages = turn(generator, milliseconds(210));
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].base_sequence == 2);
  CHECK(messages[0].arrivals.size() == 2);
  CHECK(messages[1].base_sequence == 5);
  CHECK(messages[1].arrivals.size() == 1);
}

TEST_CASE("a long loss is not spelled out") {
  TransportFeedbackGenerator generator({5});
  generator.receive(at(milliseconds(0)), 0, {9});
  generator.receive(at(milliseconds(0)), 5000, {9});
  const auto messages = turn(generator, milliseconds(100));
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].arrivals.size() == 1);
  CHECK(messages[1].base_sequence == 5000);
  CHECK(messages[1].arrivals.size() == 1);
}

TEST_CASE("a sender that begins anew is followed") {
  TransportFeedbackGenerator generator({5});
  generator.receive(at(milliseconds(0)), 40000, {9});
  turn(generator, milliseconds(100));
  generator.receive(at(milliseconds(200)), 1, {9});
  generator.receive(at(milliseconds(201)), 2, {9});
  const auto messages = turn(generator, milliseconds(300));
  REQUIRE(messages.size() == 1);
  CHECK(received(messages[0]) == std::vector<std::uint16_t>{1, 2});
}

TEST_CASE("whatever the sequence numbers are, each message stays within its span and can be written") {
  TransportFeedbackGenerator generator({5});
  Random random = Random::from_number(5);
  Duration now{};
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t range = random.below(2) ? 65536 : 256;
      generator.receive(at(now += milliseconds(1)), static_cast<std::uint16_t>(random.below(range)), {9});
    }
    for (const auto& message : turn(generator, now + milliseconds(100))) {
      REQUIRE(message.arrivals.size() <= 400);
      REQUIRE(message.arrivals.front().has_value() + message.arrivals.back().has_value() >= 1);
      Buffer out(1200);
      Writer writer(out);
      rtp::write(message, writer);
      REQUIRE(writer.ok());
    }
  }
}

TEST_CASE("late packets that are no neighbours do not tell those between them as lost") {
  TransportFeedbackGenerator generator({5});
  for (std::uint16_t sequence = 1; sequence <= 5; sequence += 2) generator.receive(at(milliseconds(0)), sequence, {9});
  turn(generator, milliseconds(100));
  for (std::uint16_t sequence = 2; sequence <= 4; sequence += 2) generator.receive(at(milliseconds(110)), sequence, {9});
  const auto messages = turn(generator, milliseconds(210));
  REQUIRE(messages.size() == 2);
  for (const auto& message : messages) CHECK(message.arrivals.size() == 1);
}
