#include "loadtest/probe.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::loadtest;

namespace {

constexpr Time start{seconds(1000)};

/// A track whose frames have two packets each, with the numbers 10, 11, 12…, one frame every 50 ms.
class Track {
 public:
  Pattern pattern(Sequence sequence) const {
    const auto frame = static_cast<std::uint32_t>((sequence - 10) / 2);
    return {.room = 1,
            .publisher = 2,
            .frame = frame,
            .reference = keyframes.contains(frame) ? frame : frame - 1,
            .packet = static_cast<std::uint16_t>((sequence - 10) % 2),
            .packets = 2};
  }
  void send(Sequence sequence, bool repaired = false) { send(sequence, pattern(sequence), repaired); }
  void send(Sequence sequence, const Pattern& pattern, bool repaired = false) {
    Buffer payload(60);
    write(pattern, payload);
    probe.receive(now, sequence, payload, repaired);
  }
  void send_all(Sequence from, Sequence to) {
    for (Sequence sequence = from; sequence <= to; ++sequence) {
      send(sequence);
      now += milliseconds(25);
    }
  }
  std::uint64_t operator[](ProbeCount count) const { return probe.counters()[count]; }

  std::set<std::uint32_t> keyframes{0};
  Time now = start;
  Probe probe;
};

}  // namespace

TEST_CASE("a whole track is shown, frame by frame") {
  Track track;
  track.send_all(10, 29);
  CHECK(track[ProbeCount::frames_shown] == 10);
  CHECK(track[ProbeCount::keyframes_shown] == 1);
  CHECK(track.probe.missing() == 0);
  CHECK(track.probe.longest_gap() == milliseconds(50));
  CHECK(track.probe.source()->publisher == 2);
  CHECK_FALSE(track.probe.stuck(track.now));
}

TEST_CASE("a frame waits for its missing packet, and the ones behind it wait too") {
  Track track;
  track.send_all(10, 12);
  track.send_all(14, 17);
  CHECK(track[ProbeCount::frames_shown] == 1);
  CHECK(track.probe.missing() == 1);
  track.send(13, true);
  CHECK(track[ProbeCount::frames_shown] == 4);
  CHECK(track[ProbeCount::repaired] == 1);
  CHECK(track.probe.missing() == 0);
}

TEST_CASE("without its missing packet a track is stuck until a key frame comes") {
  Track track;
  track.keyframes = {0, 10};
  track.send_all(10, 12);
  track.send_all(14, 29);
  CHECK(track[ProbeCount::frames_shown] == 1);
  CHECK(track.probe.stuck(track.now));
  track.send_all(30, 33);
  CHECK(track[ProbeCount::frames_shown] == 3);
  CHECK(track[ProbeCount::frames_abandoned] == 9);
  CHECK_FALSE(track.probe.stuck(track.now));
}

TEST_CASE("a standing picture is counted as a freeze") {
  Track track;
  track.send_all(10, 13);
  track.now += seconds(2);
  track.send_all(14, 15);
  CHECK(track[ProbeCount::freezes] == 1);
  CHECK(track.probe.longest_gap() > seconds(2));
  track.probe.forgive(track.now);
  CHECK(track.probe.longest_gap() == Duration::zero());
}

TEST_CASE("a number that comes twice is a duplicate and nothing else") {
  Track track;
  track.send_all(10, 13);
  track.send(12);
  CHECK(track[ProbeCount::duplicates] == 1);
  CHECK(track[ProbeCount::packets] == 4);
  CHECK(track[ProbeCount::frames_shown] == 2);
}

TEST_CASE("media of somebody else on the same track is noticed") {
  Track track;
  track.send_all(10, 13);
  Pattern other = track.pattern(14);
  other.publisher = 3;
  track.send(14, other);
  CHECK(track[ProbeCount::wrong_source] == 1);
}

TEST_CASE("a damaged payload is noticed") {
  Track track;
  track.probe.receive(track.now, 10, Buffer(60), false);
  CHECK(track[ProbeCount::damaged] == 1);
}

TEST_CASE("packets under numbers that are not theirs are noticed") {
  SECTION("within a frame") {
    Track track;
    track.send(10);
    track.send(12, track.pattern(11));
    CHECK(track[ProbeCount::misplaced] == 1);
  }
  SECTION("an old frame under a new number") {
    Track track;
    track.send_all(10, 15);
    track.send(16, track.pattern(12));
    CHECK(track[ProbeCount::misplaced] >= 1);
  }
  SECTION("but not when they only come out of order") {
    Track track;
    track.send(13);
    track.send(10);
    track.send(12);
    track.send(11);
    CHECK(track[ProbeCount::misplaced] == 0);
    CHECK(track[ProbeCount::frames_shown] == 2);
  }
}

TEST_CASE("frames that never become whole do not pile up") {
  Track track;
  for (Sequence sequence = 11; sequence < 2000; sequence += 2) {
    track.send(sequence);
    track.now += milliseconds(1);
  }
  CHECK(track[ProbeCount::frames_abandoned] > 900 - Probe::maximum_open_frames);
}
