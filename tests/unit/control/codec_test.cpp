// The text between the front and a worker: whatever is written is read again as it was, and nothing else is read at all.

#include "sfu/control/codec.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace parley;
using namespace parley::control;

namespace {

constexpr RoomId room{3};
constexpr ParticipantId participant{std::numeric_limits<std::uint64_t>::max()};
constexpr TrackId track{5};
const std::string awkward = "v=0\r\n\"quoted\" \\ \t caf\u00e9 \u0001";

std::vector<Command> every_command() {
  return {
      AddParticipant{room, participant, awkward, false, true},
      RemoveParticipant{participant},
      Publish{participant,
              awkward,
              {{"0", track, true, false, false}, {"video", TrackId{6}, false, true, true}},
              {TrackId{7}, TrackId{8}},
              true},
      Unpublish{participant, track},
      Mute{track, true},
      Subscribe{participant, track},
      Unsubscribe{participant, track},
      AcceptAnswer{participant, std::numeric_limits<std::uint32_t>::max(), awkward},
      Play{participant, awkward},
      Renegotiate{participant, true},
      AddCandidate{participant, Connection::subscribing, "candidate:1 1 udp 1 192.0.2.1 5 typ host"},
      RestartIce{participant, Connection::publishing, "ufrag", "password"},
      SetView{participant, track, false, 4'000'000'000, 270, 255, {2, 1, MaximumLayers::unlimited}},
  };
}

std::vector<Event> every_event() {
  return {
      Ready{4711, {"candidate:1", "candidate:2"}},
      CandidatesChanged{{}},
      Published{participant, awkward, {{track, "0", Kind::video, "VP8", true}, {TrackId{6}, "1", Kind::audio, "opus", false}}},
      Offered{participant, 9, awkward, {{"0", track}}},
      Playing{participant, awkward},
      Restarted{participant, "ufrag", "password", {"candidate:1"}},
      Refused{participant, "sdp_invalid", "Line 4 …"},
      ConnectionChanged{participant, Connection::subscribing, ConnectionState::failed},
      TrackStarted{participant, track, "H264"},
      SubscriptionChanged{participant, track, SubscriptionState::refused, "codec_unsupported",
                          "This browser cannot decode H264."},
      QualityChanged{participant,
                     track,
                     {0, 1, 2, 320, 180, 150'000, false},
                     {2, 0, 0, 65'535, 720, std::numeric_limits<std::uint64_t>::max(), true},
                     Limit::policy,
                     900'000},
      EncodingsWanted{participant, track, {"q", awkward}, false},
      SpeakersChanged{room, {{participant, 0}, {ParticipantId{1}, 127}}},
      Statistics{{{"rtp_received", std::numeric_limits<std::uint64_t>::max()}, {"drop_srtp_bad_tag", 0}}, 2, 1'000'000},
  };
}

}  // namespace

TEST_CASE("every command comes back as it was written, on one line") {
  const auto commands = every_command();
  REQUIRE(commands.size() == std::variant_size_v<Command>);
  for (const Command& command : commands) {
    const std::string text = write(CommandMessage{RequestId{42}, command});
    CAPTURE(text);
    CHECK(text.find('\n') == std::string::npos);
    const auto message = parse_command(text);
    REQUIRE(message);
    CHECK(message->request == RequestId{42});
    CHECK(message->command == command);
    CHECK_FALSE(parse_event(text));
  }
}

TEST_CASE("every event comes back as it was written, on one line") {
  const auto events = every_event();
  REQUIRE(events.size() == std::variant_size_v<Event>);
  for (const Event& event : events) {
    const std::string text = write(EventMessage{RequestId{0}, event});
    CAPTURE(text);
    CHECK(text.find('\n') == std::string::npos);
    const auto message = parse_event(text);
    REQUIRE(message);
    CHECK(message->request == RequestId{0});
    CHECK(message->event == event);
    CHECK_FALSE(parse_command(text));
  }
}

TEST_CASE("text that is not UTF-8 is made harmless instead of throwing") {
  const auto message = parse_command(write(CommandMessage{RequestId{1}, Play{participant, "v=0\xff\xfe"}}));
  REQUIRE(message);
  CHECK(std::get<Play>(message->command).offer == "v=0\ufffd\ufffd");
}

TEST_CASE("a message that is not exactly right is nothing") {
  const auto invalid =
      GENERATE(as<std::string>{}, "", "null", "[]", "7", "{", "{}", R"({"type":"mute"})",
               R"({"type":"dance","request":1})",                                           // unknown type
               R"({"type":7,"request":1,"track":5,"muted":true})",                          // type of the wrong type
               R"({"type":"mute","track":5,"muted":true})",                                 // no request
               R"({"type":"mute","request":-1,"track":5,"muted":true})",                    // negative
               R"({"type":"mute","request":1.5,"track":5,"muted":true})",                   // not whole
               R"({"type":"mute","request":"1","track":5,"muted":true})",                   // a string
               R"({"type":"mute","request":1,"track":18446744073709551616,"muted":true})",  // above 64 bits
               R"({"type":"mute","request":1,"track":5,"muted":1})", R"({"type":"mute","request":1,"track":5})",
               R"({"type":"acceptAnswer","request":1,"participant":1,"revision":4294967296,"answer":""})",
               R"({"type":"restartIce","request":1,"participant":1,"connection":"sideways","ufrag":"","password":""})",
               R"({"type":"restartIce","request":1,"participant":1,"connection":0,"ufrag":"","password":""})",
               R"({"type":"publish","request":1,"participant":1,"offer":"","tracks":[7],"spare":[],"replace":false})",
               R"({"type":"publish","request":1,"participant":1,"offer":"","tracks":{},"spare":[],"replace":false})");
  CAPTURE(invalid);
  CHECK_FALSE(parse_command(invalid));
  CHECK_FALSE(parse_event(invalid));
}

TEST_CASE("an event with a number that does not fit is nothing") {
  CHECK_FALSE(parse_event(R"({"type":"speakersChanged","request":0,"room":1,"speakers":[{"participant":1,"level":256}]})"));
  CHECK_FALSE(parse_event(R"({"type":"statistics","request":0,"counters":{"a":-1},"participants":1,"forwardedPerSecond":1})"));
  CHECK_FALSE(parse_event(R"({"type":"statistics","request":0,"counters":[],"participants":1,"forwardedPerSecond":1})"));
}

TEST_CASE("a view or a quality that is not exactly right is nothing") {
  const auto view = [](const std::string& rest) {
    return R"({"type":"setView","request":1,"participant":1,"track":5,"visible":true,"width":1,"height":1,)" + rest;
  };
  CHECK(parse_command(view(R"("priority":255,"maximum":{"encoding":1,"spatial":1,"temporal":255}})")));
  CHECK_FALSE(parse_command(view(R"("priority":256,"maximum":{"encoding":1,"spatial":1,"temporal":1}})")));
  CHECK_FALSE(parse_command(view(R"("priority":1,"maximum":{"encoding":1,"spatial":1}})")));
  CHECK_FALSE(parse_command(view(R"("priority":1,"maximum":null})")));
  const auto written = write(EventMessage{RequestId{0}, QualityChanged{participant, track, {}, {}, Limit::cpu, 1}});
  const auto at = written.find("\"cpu\"");
  REQUIRE(at != std::string::npos);
  CHECK_FALSE(parse_event(std::string(written).replace(at, 5, "\"gpu\"")));
}

TEST_CASE("a hundred thousand open brackets are refused and not fatal") {
  CHECK_FALSE(parse_command(std::string(100'000, '[')));
  CHECK_FALSE(parse_command(std::string(100'000, '[') + std::string(100'000, ']')));
}
