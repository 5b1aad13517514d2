#pragma once
// Twenty-five people in a room of whom one speaks at a time, as the audio levels (RFC 6464) of their microphones: syllables,
// pauses, sentences, coughs and doors, and one who sits beside a fan. It is what a selection of speakers is judged by.

#include <cstddef>
#include <utility>
#include <vector>

#include "sfu/base/random.hpp"
#include "sfu/media/speaker_selection.hpp"

namespace parley::test {

using media::SpeakerSelection;

constexpr Duration audio_packet_time = milliseconds(20);

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
    rest_ -= audio_packet_time;
    if (noise_ > Duration{}) {
      noise_ -= audio_packet_time;
      return {.voice = true, .level = around(20)};
    }
    if (!talks_) return {.voice = background_ < 60, .level = around(background_)};
    left_ -= audio_packet_time;
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
      selection.add(Time(seconds(1)), id(i));
    }
  }
  static ParticipantId id(std::size_t index) { return ParticipantId{index + 1}; }

  void run(Duration length) {
    for (; now < length; now += audio_packet_time) {
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
    const auto changed = selection.receive(Time(seconds(1) + now), id(index), microphones[index].next());
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

}  // namespace parley::test
