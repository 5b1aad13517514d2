// Who is forwarded in a room that limits that: the cameras of those who spoke last, the microphones of the loudest.

#include <catch2/catch.hpp>

#include "tests/support/local_call.hpp"

using namespace parley;
using namespace parley::test;

namespace {

const Address server = *Address::parse("127.0.0.1", 40000);

/// Three publishers with microphone and camera, of whom nobody says anything, and a viewer, peer 3.
struct LimitedCall : LocalCall {
  static constexpr std::size_t people = 3, viewer = 3;

  explicit LimitedCall(const room::Limits& limits)
      : LocalCall({.tracks = {loadtest::microphone(), loadtest::camera()},
                   .publishers = people,
                   .viewers = 1,
                   .deliver_media = true,
                   .limits = limits},
                  server) {
    for (std::size_t i = 0; i < people; ++i) talk(i, false);
    run(seconds(3));
  }

  void talk(std::size_t who, bool talks) {
    peer(who).publisher()->tracks()[0].set_audio_level({.voice = talks, .level = talks ? std::uint8_t{30} : std::uint8_t{80}});
  }
  std::uint64_t frames(std::size_t publisher, std::size_t number) {
    for (const auto& [mid, received] : peer(viewer).subscriber()->tracks())
      if (received.track() == track(publisher, number)) return received.quality().frames;
    return 0;
  }
  /// Of each publisher: how many frames of one of its tracks come to the viewer in a second.
  std::vector<std::uint64_t> watch(std::size_t number) {
    std::vector<std::uint64_t> result;
    for (std::size_t i = 0; i < people; ++i) result.push_back(frames(i, number));
    run(seconds(1));
    for (std::size_t i = 0; i < people; ++i) result[i] = frames(i, number) - result[i];
    return result;
  }
  std::vector<std::string> states(TrackId of) {
    std::vector<std::string> result;
    for (const auto& message : take_events()) {
      const auto* changed = std::get_if<control::SubscriptionChanged>(&message.event);
      if (!changed || changed->track != of) continue;
      if (changed->state == control::SubscriptionState::active) result.push_back("active");
      if (changed->state == control::SubscriptionState::paused) result.push_back("paused " + changed->reason);
    }
    return result;
  }
};

}  // namespace

TEST_CASE("of many cameras those are forwarded whose people spoke last, and the others are told why they are not") {
  LimitedCall call({.last_n = 1});
  auto before = call.watch(1);
  const auto shown =
      static_cast<std::size_t>(std::ranges::find_if(before, [](auto frames) { return frames > 0; }) - before.begin());
  REQUIRE(shown < LimitedCall::people);
  const std::size_t next = (shown + 1) % LimitedCall::people;
  call.take_events();

  call.talk(next, true);
  call.run(milliseconds(350));
  const auto frames = call.frames(next, 1);
  call.run(milliseconds(500));
  CHECK(call.frames(next, 1) > frames);
  const auto after = call.watch(1);
  CHECK(after[next] >= 14);
  CHECK(after[shown] == 0);
  for (const auto sound : call.watch(0)) CHECK(sound >= 49);
  CHECK(call.states(call.track(shown, 1)) == std::vector<std::string>{"paused policy"});

  call.talk(next, false);
  call.run(milliseconds(200));
  call.talk(shown, true);
  call.run(seconds(1));
  CHECK(call.watch(1)[shown] >= 14);
  CHECK(call.states(call.track(shown, 1)) == std::vector<std::string>{"active"});
  CHECK(call.peer(LimitedCall::viewer).quality(call.now()).missing == 0);
}

TEST_CASE("only the loudest microphones are forwarded, and a new voice is heard from its first words on") {
  LimitedCall call({.audible_speakers = 1});
  for (const auto picture : call.watch(1)) CHECK(picture >= 14);
  for (std::size_t speaker : {1, 0, 2}) {
    call.run(seconds(3));
    const auto before = call.frames(speaker, 0);
    call.talk(speaker, true);
    call.run(milliseconds(300));
    CHECK(call.frames(speaker, 0) - before >= 13);
    const auto heard = call.watch(0);
    for (std::size_t i = 0; i < LimitedCall::people; ++i) CHECK((heard[i] >= 49) == (i == speaker));
    call.talk(speaker, false);
  }
  CHECK(call.peer(LimitedCall::viewer).quality(call.now()).missing == 0);
}

TEST_CASE("whoever leaves makes room for another") {
  LimitedCall call({.last_n = 1});
  const auto before = call.watch(1);
  const auto shown =
      static_cast<std::size_t>(std::ranges::find_if(before, [](auto frames) { return frames > 0; }) - before.begin());
  call.tell(control::RemoveParticipant{ParticipantId{shown + 1}});
  call.run(seconds(1));
  std::uint64_t frames = 0;
  for (const auto each : call.watch(1)) frames += each;
  CHECK(frames >= 14);
  CHECK(frames <= 16);
}

TEST_CASE("sound that its receiver has from elsewhere is not forwarded, and is back at once and without a gap in its numbers") {
  LimitedCall call({});
  for (const auto sound : call.watch(0)) CHECK(sound >= 49);
  const auto show = [&](bool visible) {
    control::SetView view;
    view.participant = ParticipantId{LimitedCall::viewer + 1};
    view.track = call.track(0, 0);
    view.visible = visible;
    call.tell(view);
    call.run(milliseconds(100));
  };
  show(false);
  const auto without = call.watch(0);
  CHECK(without[0] == 0);
  CHECK(without[1] >= 49);
  const auto before = call.frames(0, 0);
  show(true);
  CHECK(call.frames(0, 0) - before >= 3);
  CHECK(call.watch(0)[0] >= 49);
  CHECK(call.peer(LimitedCall::viewer).quality(call.now()).missing == 0);
}
