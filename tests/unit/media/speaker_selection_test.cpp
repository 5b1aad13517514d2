#include "sfu/media/speaker_selection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sfu/base/random.hpp"

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

/// What one microphone hears: silence, speech of syllables and pauses, and now and then a short noise.
class Microphone {
 public:
  Microphone(std::uint64_t seed, std::uint8_t background) : random_(Random::from_number(seed)), background_(background) {}

  void talk(bool talks) {
    if (talks && !talks_) {
      sounds_ = true;
      left_ = between(120, 250);
      syllables_ = 0;
    }
    talks_ = talks;
  }
  /// A cough, a click, a door: loud, and said to be voice.
  void disturb(Duration length) {
    if (rest_ > Duration{}) return;
    noise_ = length;
    rest_ = seconds(1);
  }

  rtp::AudioLevel next() {
    rest_ -= packet_time;
    if (noise_ > Duration{}) {
      noise_ -= packet_time;
      return {.voice = true, .level = around(20)};
    }
    if (!talks_) return {.voice = background_ < 60, .level = around(background_)};
    left_ -= packet_time;
    if (left_ <= Duration{}) pause_or_go_on();
    return sounds_ ? rtp::AudioLevel{true, around(32)} : rtp::AudioLevel{random_.below(2) == 0, around(66)};
  }

 private:
  void pause_or_go_on() {
    sounds_ = !sounds_;
    // Between syllables, and now and then between sentences, but nobody begins with half a word.
    const bool sentence_ends = ++syllables_ > 6 && random_.below(6) == 0;
    left_ = sounds_ ? between(100, 300) : sentence_ends ? between(200, 500) : between(20, 80);
  }
  Duration between(std::uint64_t low, std::uint64_t high) { return milliseconds(low + random_.below(high - low)); }
  std::uint8_t around(std::uint8_t level) { return static_cast<std::uint8_t>(level - 4 + random_.below(9)); }

  Random random_;
  std::uint8_t background_;
  bool talks_ = false;
  bool sounds_ = false;
  int syllables_ = 0;
  Duration left_{};
  Duration noise_{};
  Duration rest_{};  ///< nobody coughs twice in a second
};

/// 25 people of whom one speaks at a time, for ten minutes.
struct Conversation {
  static constexpr std::size_t people = 25;

  explicit Conversation(std::uint64_t seed, const SpeakerSelection::Settings& settings)
      : random(Random::from_number(seed)), selection(settings) {
    for (std::size_t i = 0; i < people; ++i) {
      microphones.emplace_back(seed * people + i, i == 7 ? std::uint8_t{50} : std::uint8_t{80});  // 7 sits beside a fan
      selection.add(at(seconds(1)), id(i));
    }
  }
  static ParticipantId id(std::size_t index) { return ParticipantId{index + 1}; }

  void run(Duration length) {
    for (; now < length; now += packet_time) {
      take_turns();
      // Every 700 ms somebody clicks, coughs or slams a door.
      if (random.below(35) == 0) microphones[random.below(people)].disturb(milliseconds(20 + random.below(120)));
      for (std::size_t i = 0; i < people; ++i) hear(i);
    }
  }

  void take_turns() {
    if (now < turn_ends) return;
    microphones[speaker].talk(false);
    if (now < turn_ends + pause) return;
    if (!answered) ++unanswered;
    const auto before = std::exchange(speaker, random.below(people));
    microphones[speaker].talk(true);
    began = now;
    answered = selection.selected(id(speaker));
    if (speaker != before) ++turns;
    turn_ends = now + milliseconds(2000 + random.below(8000));
    pause = milliseconds(random.below(400));
  }

  void hear(std::size_t index) {
    const auto changed = selection.receive(at(seconds(1) + now), id(index), microphones[index].next());
    if (!changed) return;
    if (index != speaker || now > turn_ends) {
      ++false_switches;
    } else if (!answered) {
      answered = true;
      delays.push_back(now - began);
    }
  }

  Random random;
  SpeakerSelection selection;
  std::vector<Microphone> microphones;
  Duration now{};
  std::size_t speaker = 0;
  Duration began{}, turn_ends{}, pause{};
  bool answered = true;
  int turns = 0, unanswered = 0, false_switches = 0;
  std::vector<Duration> delays;
};

}  // namespace

TEST_CASE("a change of speaker among 25 takes at most 350 ms, with less than one false switch a minute") {
  const auto seats = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{6});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Conversation conversation(seed, {.seats = seats});
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
