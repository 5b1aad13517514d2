#include "sfu/media/speaker_selection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/conversation.hpp"

using namespace parley;
using namespace parley::media;

namespace {

Time at(Duration since) { return Time(since); }

constexpr Duration packet_time = milliseconds(20);
constexpr rtp::AudioLevel quiet{.voice = false, .level = 80};
constexpr rtp::AudioLevel loud{.voice = true, .level = 30};

std::vector<ParticipantId> seated(const SpeakerSelection& selection) {
  return {selection.seats().begin(), selection.seats().end()};
}

}  // namespace

TEST_CASE("a change of speaker among 25 takes at most 350 ms, with less than one false switch a minute") {
  const auto seats = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{6});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    test::Conversation conversation(seed, {.seats = seats});
    conversation.run(minutes(10));
    CAPTURE(seats, seed, conversation.turns, conversation.unanswered, conversation.false_switches);
    CHECK(conversation.turns > 60);
    CHECK(conversation.unanswered == 0);
    CHECK(conversation.false_switches < 10);
    // One change in a hundred may fall on a cough of whoever is being replaced.
    CHECK(std::ranges::count_if(conversation.delays, [](Duration delay) { return delay > milliseconds(350); }) <= 1);
  }
}

TEST_CASE("without a limit everybody is selected") {
  SpeakerSelection selection({.seats = 0});
  CHECK(selection.selected({17}));
  CHECK_FALSE(selection.receive(at({}), {17}, loud));
}

TEST_CASE("seats go to whoever comes first, and a free one to whoever speaks") {
  SpeakerSelection selection({.seats = 2});
  for (const std::uint64_t id : {1, 2, 3}) selection.add(at({}), {id});
  CHECK(seated(selection) == std::vector<ParticipantId>{{1}, {2}});
  CHECK(selection.remove(at({}), {3}) == std::nullopt);
  CHECK(selection.remove(at({}), {2}) == std::nullopt);
  selection.add(at({}), {4});
  CHECK(seated(selection) == std::vector<ParticipantId>{{1}, {4}});
}

TEST_CASE("who leaves is followed by the one of the others who spoke last") {
  SpeakerSelection selection({.seats = 1});
  for (const std::uint64_t id : {1, 2, 3, 4}) selection.add(at({}), {id});
  Duration now{};
  for (; now < milliseconds(100); now += packet_time) selection.receive(at(now), {3}, quiet);
  selection.receive(at(now), {3}, loud);  // too short to enter
  CHECK(seated(selection) == std::vector<ParticipantId>{{1}});
  CHECK(selection.remove(at(now), {1}) == ParticipantId{3});
  CHECK(selection.remove(at(now), {3}) == ParticipantId{2});
}

TEST_CASE("a microphone limit lets the first packet of speech through when nobody else speaks") {
  SpeakerSelection selection({.seats = 1, .speech_to_enter_idle = packet_time});
  selection.add(at({}), {1});
  selection.add(at({}), {2});
  Duration now = seconds(3);
  for (; now < seconds(4); now += packet_time) selection.receive(at(now), {2}, quiet);
  CHECK(selection.receive(at(now), {2}, loud) == ParticipantId{1});
}

TEST_CASE("while all who are heard speak, only somebody who is much louder replaces one of them") {
  const auto level = GENERATE(std::uint8_t{28}, std::uint8_t{20});
  SpeakerSelection selection({.seats = 1});
  selection.add(at({}), {1});
  selection.add(at({}), {2});
  std::optional<ParticipantId> replaced;
  for (Duration now{}; now < seconds(4); now += packet_time) {
    const bool syllable = now % milliseconds(240) < milliseconds(200);
    const bool begun = now >= seconds(2);
    selection.receive(at(now), {1}, syllable ? loud : quiet);
    const auto left = selection.receive(at(now), {2}, begun && syllable ? rtp::AudioLevel{true, level} : quiet);
    if (left) replaced = left;
  }
  CHECK(replaced.has_value() == (level == 20));
}
