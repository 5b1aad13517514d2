#include "sfu/media/speakers.hpp"

#include <catch2/catch.hpp>

#include "tests/captures/capture.hpp"
#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

using Levels = std::optional<std::vector<SpeakingLevel>>;

constexpr ParticipantId alice{1}, bob{2};

Levels turn(Speakers& speakers, Duration when) {
  Levels out;
  speakers.advance(at(when), out);
  return out;
}

/// One packet each 20 ms; returns every change that the wakeups brought.
std::vector<std::vector<SpeakingLevel>> talk(Speakers& speakers, ParticipantId who, rtp::AudioLevel level, Duration from,
                                             Duration to) {
  std::vector<std::vector<SpeakingLevel>> changes;
  for (Duration now = from; now < to; now += milliseconds(20)) {
    speakers.receive(at(now), who, level);
    if (speakers.wakeup() <= at(now))
      if (auto change = turn(speakers, now)) changes.push_back(*change);
  }
  return changes;
}

}  // namespace

TEST_CASE("whoever talks is a speaker, with a level that settles") {
  Speakers speakers;
  const auto changes = talk(speakers, alice, {.voice = true, .level = 30}, {}, seconds(2));
  REQUIRE_FALSE(changes.empty());
  CHECK(changes.front().front().participant == alice);
  CHECK(changes.back() == std::vector<SpeakingLevel>{{alice, 30}});
  CHECK(changes.size() <= 3);
}

TEST_CASE("the loudest comes first") {
  Speakers speakers;
  talk(speakers, alice, {true, 50}, {}, seconds(1));
  const auto changes = talk(speakers, bob, {true, 20}, seconds(1), seconds(1) + milliseconds(500));
  REQUIRE_FALSE(changes.empty());
  REQUIRE(changes.back().size() == 2);
  CHECK(changes.back()[0].participant == bob);
}

TEST_CASE("changes come at most five times a second") {
  Speakers speakers;
  std::size_t changes = 0;
  for (int i = 0; i < 500; ++i) {
    const Duration now = i * milliseconds(20);
    speakers.receive(at(now), alice, {true, static_cast<std::uint8_t>(i * 7 % 60)});
    if (speakers.wakeup() <= at(now)) changes += turn(speakers, now).has_value();
  }
  CHECK(changes > 10);
  CHECK(changes <= 50);
}

TEST_CASE("somebody who goes on talking is not looked at with each packet") {
  Speakers speakers;
  std::size_t looks = 0;
  for (int i = 0; i < 500; ++i) {
    const Duration now = i * milliseconds(20);
    speakers.receive(at(now), alice, {true, 30});
    if (speakers.wakeup() > at(now)) continue;
    turn(speakers, now);
    ++looks;
  }
  CHECK(looks > 10);
  CHECK(looks <= 51);
}

TEST_CASE("who begins to talk is told at once, also while another talks") {
  Speakers speakers;
  talk(speakers, alice, {true, 30}, {}, seconds(2));
  const auto changes = talk(speakers, bob, {true, 0}, seconds(2), seconds(2) + milliseconds(100));
  REQUIRE_FALSE(changes.empty());
  CHECK(changes.front().size() == 2);
}

TEST_CASE("a pause between words is bridged, silence is not") {
  Speakers speakers;
  talk(speakers, alice, {true, 30}, {}, seconds(1));
  talk(speakers, alice, {false, 127}, seconds(1), seconds(1) + milliseconds(300));
  CHECK(talk(speakers, alice, {true, 30}, seconds(1) + milliseconds(300), seconds(2)).back().size() == 1);
  Duration now = seconds(2);
  Levels last;
  while (speakers.wakeup() != never) {
    now = speakers.wakeup().time_since_epoch();
    if (auto change = turn(speakers, now)) last = change;
  }
  REQUIRE(last);
  CHECK(last->empty());
  CHECK(now < seconds(3));
}

TEST_CASE("noise, quiet sound and a single click are not speech") {
  Speakers speakers;
  CHECK(talk(speakers, alice, {false, 30}, {}, seconds(1)).empty());
  CHECK(talk(speakers, alice, {true, 70}, seconds(1), seconds(3)).empty());
  Speakers quiet;
  talk(quiet, bob, {true, 120}, {}, seconds(1));
  CHECK(talk(quiet, bob, {true, 0}, seconds(1), seconds(1) + milliseconds(20)).empty());
  CHECK(quiet.wakeup() == never);
}

TEST_CASE("somebody who leaves stops speaking") {
  Speakers speakers;
  talk(speakers, alice, {true, 30}, {}, seconds(1));
  speakers.remove(at(seconds(1)), alice);
  const auto change = turn(speakers, seconds(1) + milliseconds(200));
  REQUIRE(change);
  CHECK(change->empty());
  CHECK(speakers.wakeup() == never);
}

TEST_CASE("the beeps of Chromium's fake microphone are heard, and the pauses between them too") {
  Speakers speakers;
  rtp::ExtensionIds ids;
  ids.set(rtp::Extension::audio_level, 1);
  std::size_t heard = 0;
  for (const auto& captured : captures::read("wire-cr-dtx")) {
    if (captured.elements.empty()) continue;
    const Buffer bytes = captures::build(captured);
    const auto parsed = rtp::parse(bytes);
    REQUIRE(parsed);
    if (const auto level = rtp::read_audio_level(*parsed, ids)) speakers.receive(at(captured.at), alice, *level);
    if (const auto change = turn(speakers, captured.at)) heard += !change->empty();
  }
  CHECK(heard > 0);
}
