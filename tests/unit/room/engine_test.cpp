#include "sfu/room/engine.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "sfu/sdp/session.hpp"

using namespace parley;
using namespace parley::room;
using namespace parley::control;

namespace {

constexpr Time start = Time{} + seconds(1000);

std::string capture(const std::string& name) {
  std::ifstream file(std::string(PARLEY_SOURCE_DIR) + "/tests/captures/sdp/" + name);
  REQUIRE(file.good());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// One Engine, and the events of the last command.
class Conversation {
 public:
  explicit Conversation(Limits limits = {})
      : engine({{"candidate:1 1 udp 1 192.0.2.1 40000 typ host"}, limits}, Random::from_number(1)) {}

  void say(Command command) {
    out.events.clear();
    engine.receive(start, CommandMessage{RequestId{++request}, std::move(command)}, out);
  }
  template <typename Event>
  const Event* heard() const {
    for (const auto& message : out.events)
      if (const auto* event = std::get_if<Event>(&message.event)) return event;
    return nullptr;
  }
  std::string refusal() const {
    const auto* refused = heard<Refused>();
    return refused ? refused->code : "";
  }

  void join(std::uint64_t participant) { say(AddParticipant{RoomId{1}, ParticipantId{participant}, "cname"}); }
  /// Publishes the microphone and camera of a captured offer as tracks 10n+1 and 10n+2.
  void publish(std::uint64_t participant, const std::string& offer = "chromium-av-plain-ice-cands.sdp") {
    say(Publish{
        ParticipantId{participant}, capture(offer), {{"0", track(participant, 1)}, {"1", track(participant, 2)}}, {}, false});
  }
  static TrackId track(std::uint64_t participant, std::uint64_t number) { return TrackId{participant * 10 + number}; }

  Engine engine;
  Output out;
  std::uint64_t request = 0;
};

}  // namespace

TEST_CASE("publishing answers with our transport and the tracks under their ids") {
  Conversation talk;
  talk.join(1);
  talk.publish(1);
  const auto* published = talk.heard<Published>();
  REQUIRE(published);
  REQUIRE(published->tracks.size() == 2);
  CHECK(published->tracks[0].codec == "opus");
  CHECK(published->tracks[1].codec == "VP8");
  const auto answer = sdp::parse(published->answer);
  REQUIRE(answer);
  CHECK(answer->ice_lite);
  CHECK(answer->sections[0].setup == sdp::Setup::passive);
  CHECK(answer->sections[0].candidates.size() == 1);
}

TEST_CASE("what is subscribed to in one go is offered once, and ends in an inactive section") {
  Conversation talk;
  talk.join(1);
  talk.join(2);
  talk.publish(1);
  talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, 1)});
  REQUIRE(talk.heard<Offered>());
  const auto first = *talk.heard<Offered>();
  talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, 2)});
  CHECK_FALSE(talk.heard<Offered>());  // the first offer is still unanswered

  talk.say(AcceptAnswer{ParticipantId{2}, first.revision + 7, first.offer});
  CHECK(talk.refusal() == "stale_answer");
  talk.say(AcceptAnswer{ParticipantId{2}, first.revision, "v=0\r\nnonsense"});
  CHECK(talk.refusal() == "sdp_invalid");
}

TEST_CASE("a client that can take nothing of an offer is told the codec by name") {
  Conversation talk;
  talk.join(1);
  talk.join(2);
  talk.publish(1);
  talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, 2)});
  REQUIRE(talk.heard<Offered>());
  auto answer = *sdp::parse(talk.heard<Offered>()->offer);
  for (auto& section : answer.sections) section.port = 0;
  answer.bundle.clear();
  talk.say(AcceptAnswer{ParticipantId{2}, 1, sdp::write(answer)});
  CHECK(talk.refusal().empty());
  REQUIRE(talk.heard<SubscriptionChanged>());
  CHECK(talk.heard<SubscriptionChanged>()->state == SubscriptionState::refused);
  CHECK(talk.heard<SubscriptionChanged>()->reason == "codec_unsupported");
  CHECK(talk.heard<SubscriptionChanged>()->message.find("VP8") != std::string::npos);
}

TEST_CASE("a track that has ended is gone for everybody") {
  Conversation talk;
  talk.join(1);
  talk.publish(1);
  talk.say(Unpublish{ParticipantId{1}, Conversation::track(1, 2)});
  CHECK(talk.refusal().empty());
  talk.join(2);
  talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, 2)});
  CHECK(talk.refusal() == "track_unknown");
  talk.say(Unpublish{ParticipantId{1}, Conversation::track(1, 2)});
  CHECK(talk.refusal() == "track_unknown");
}

TEST_CASE("somebody else's track, and a track of another room, are out of reach") {
  Conversation talk;
  talk.join(1);
  talk.publish(1);
  talk.join(2);
  talk.say(Unpublish{ParticipantId{2}, Conversation::track(1, 1)});
  CHECK(talk.refusal() == "track_unknown");
  talk.say(AddParticipant{RoomId{2}, ParticipantId{3}, "cname"});
  talk.say(Subscribe{ParticipantId{3}, Conversation::track(1, 1)});
  CHECK(talk.refusal() == "track_unknown");
}

TEST_CASE("commands about nobody, or twice about somebody, are refused by name") {
  Conversation talk;
  talk.publish(9);
  CHECK(talk.refusal() == "participant_unknown");
  talk.join(1);
  talk.join(1);
  CHECK(talk.refusal() == "participant_exists");
  talk.say(RestartIce{ParticipantId{1}, Connection::publishing, "abcd", "0123456789012345678901"});
  CHECK(talk.refusal() == "no_connection");
  talk.say(AcceptAnswer{ParticipantId{1}, 1, "v=0"});
  CHECK(talk.refusal() == "stale_answer");
}

TEST_CASE("a participant cannot publish more tracks than the limit, and a refused offer changes nothing") {
  Limits limits;
  limits.tracks_per_participant = 1;
  Conversation talk(limits);
  talk.join(1);
  talk.publish(1);
  CHECK(talk.refusal() == "too_many_tracks");
  talk.say(Subscribe{ParticipantId{1}, Conversation::track(1, 1)});
  CHECK(talk.refusal() == "track_unknown");
}

TEST_CASE("a receiver cannot subscribe to more tracks than the limit") {
  Limits limits;
  limits.subscriptions_per_participant = 1;
  Conversation talk(limits);
  talk.join(1);
  talk.join(2);
  talk.publish(1);
  talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, 1)});
  CHECK(talk.refusal().empty());
  talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, 2)});
  CHECK(talk.refusal() == "too_many_tracks");
}

TEST_CASE("a WHEP player's sections are filled in the order of the subscriptions") {
  Conversation talk;
  talk.join(1);
  talk.publish(1);
  talk.join(2);
  talk.say(Play{ParticipantId{2}, capture("chromium-recvonly-2a-3v.sdp")});
  REQUIRE(talk.heard<Playing>());
  talk.say(Play{ParticipantId{2}, capture("chromium-recvonly-2a-3v.sdp")});
  CHECK(talk.refusal() == "already_playing");
  for (const auto number : {1, 2}) {
    talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, static_cast<std::uint64_t>(number))});
    REQUIRE(talk.heard<SubscriptionChanged>());
    CHECK(talk.heard<SubscriptionChanged>()->state == SubscriptionState::waiting);
    CHECK(talk.heard<SubscriptionChanged>()->reason.empty());
    CHECK_FALSE(talk.heard<Offered>());
  }
}

TEST_CASE("a player without a section left waits, and moves up when one is freed") {
  Conversation talk;
  for (std::uint64_t publisher : {1, 2, 3}) {
    talk.join(publisher);
    talk.publish(publisher);
  }
  talk.join(4);
  talk.say(Play{ParticipantId{4}, capture("chromium-recvonly-2a-3v.sdp")});
  for (std::uint64_t publisher : {1, 2, 3}) talk.say(Subscribe{ParticipantId{4}, Conversation::track(publisher, 1)});
  REQUIRE(talk.heard<SubscriptionChanged>());
  CHECK(talk.heard<SubscriptionChanged>()->reason == "no_free_section");
  talk.say(Unpublish{ParticipantId{1}, Conversation::track(1, 1)});
  REQUIRE(talk.heard<SubscriptionChanged>());
  CHECK(talk.heard<SubscriptionChanged>()->track == Conversation::track(3, 1));
  CHECK(talk.heard<SubscriptionChanged>()->reason.empty());
}

TEST_CASE("after everybody has left nothing remains") {
  Conversation talk;
  talk.join(1);
  talk.join(2);
  talk.publish(1);
  talk.publish(2);
  talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, 1)});
  talk.say(Subscribe{ParticipantId{1}, Conversation::track(2, 2)});
  talk.say(RemoveParticipant{ParticipantId{1}});
  CHECK_FALSE(talk.engine.empty());
  talk.say(RemoveParticipant{ParticipantId{2}});
  CHECK(talk.engine.empty());
}

TEST_CASE("a publisher that replaces its connection keeps its receivers") {
  Conversation talk;
  talk.join(1);
  talk.join(2);
  talk.publish(1);
  talk.say(Subscribe{ParticipantId{2}, Conversation::track(1, 1)});
  talk.say(Publish{ParticipantId{1},
                   capture("chromium-av-dc.sdp"),
                   {{"0", Conversation::track(1, 1)}, {"1", Conversation::track(1, 2)}},
                   {},
                   true});
  REQUIRE(talk.heard<Published>());
  talk.say(Unsubscribe{ParticipantId{2}, Conversation::track(1, 1)});
  CHECK(talk.refusal().empty());
  talk.say(RemoveParticipant{ParticipantId{1}});
  talk.say(RemoveParticipant{ParticipantId{2}});
  CHECK(talk.engine.empty());
}
