// Whole calls with real media: publishers that play clips, the Engine, and viewers that decode what comes out of it.

#include <catch2/catch.hpp>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include "loadtest/peer.hpp"
#include "sfu/room/engine.hpp"

using namespace parley;
using loadtest::Clip;
using loadtest::Peer;
using loadtest::Scrutiny;

namespace {

const Address server = Address::v4({192, 0, 2, 1}, 40000);

Clip load_clip(const std::string& name) {
  std::ifstream file(std::string(PARLEY_CLIPS) + "/" + name + ".clip", std::ios::binary);
  const Buffer bytes(std::istreambuf_iterator<char>(file), {});
  return std::move(loadtest::parse_clip(bytes)).value();
}

std::string without_ssrcs(const std::string& sdp) {
  std::istringstream lines(sdp);
  std::string result;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("a=ssrc")) result += line + "\n";
  return result;
}

/// An Engine and its clients, joined without a network; datagrams with media to viewers are lost as told.
class Call {
 public:
  Peer& add(std::vector<loadtest::SourceSettings> tracks, std::uint32_t verify_one_in = 1, std::vector<sdp::Kind> plays = {}) {
    const auto number = peers_.size() + 1;
    loadtest::PeerSettings settings{.address = Address::v4({10, 0, 0, static_cast<std::uint8_t>(number)}, 5000),
                                    .tracks = std::move(tracks)};
    settings.verify_one_in = verify_one_in;
    settings.content = Scrutiny::Content::clips;
    settings.plays = std::move(plays);
    peers_.push_back(std::make_unique<Peer>(certificate_, *cipher_, settings, Random::from_number(number)));
    tell(control::AddParticipant{RoomId{1}, ParticipantId{number}, "cname"});
    peers_.back()->start(now, said_);
    settle(peers_.size() - 1);
    return *peers_.back();
  }
  void subscribe(std::size_t peer, TrackId track) { tell(control::Subscribe{ParticipantId{peer + 1}, track}); }
  void run(Duration length) {
    for (const Time end = now + length; now < end; now += milliseconds(1)) {
      for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (peers_[i]->wakeup() > now) continue;
        peers_[i]->advance(now, said_);
        settle(i);
      }
      engine_.advance(now, out_);
      carry();
    }
  }

  Time now = Time{} + seconds(1000);
  int lose_one_in = 0;
  bool anonymous = false;  ///< offers name no SSRCs

 private:
  void tell(control::Command command) {
    engine_.receive(now, control::CommandMessage{{}, std::move(command)}, out_);
    carry();
  }
  void settle(std::size_t index) {
    const auto signals = std::exchange(said_.signals, {});
    std::deque<std::pair<Path, Buffer>> datagrams;
    for (const auto& entry : said_.outbox.datagrams.entries())
      datagrams.emplace_back(entry.path, Buffer(entry.bytes().begin(), entry.bytes().end()));
    said_.outbox.datagrams.clear();
    for (auto& [path, bytes] : datagrams) engine_.receive(now, {path.protocol, path.remote, path.local}, bytes, out_);
    carry();
    for (const auto& signal : signals) std::visit([&](const auto& content) { handle(index, content); }, signal);
  }
  void handle(std::size_t index, const loadtest::PublishOffer& offer) {
    offer_number_ = offer.number;
    const ParticipantId participant{index + 1};
    if (offer.tracks.empty()) return tell(control::Play{participant, offer.sdp});
    std::vector<control::TrackRequest> requests;
    for (const auto& track : offer.tracks) requests.push_back({.mid = track.mid, .track = TrackId{++tracks_}});
    tell(control::Publish{participant, offer.sdp, requests, {}, offer.replace});
  }
  void handle(std::size_t index, const loadtest::SubscribeAnswer& answer) {
    tell(control::AcceptAnswer{ParticipantId{index + 1}, answer.revision, answer.sdp});
  }
  void handle(std::size_t, const loadtest::AskForOffer&) {}

  void carry() {
    const auto events = std::exchange(out_.events, {});
    std::deque<std::pair<Path, Buffer>> datagrams;
    for (const auto& entry : out_.outbox.datagrams.entries())
      datagrams.emplace_back(entry.path, Buffer(entry.bytes().begin(), entry.bytes().end()));
    out_.outbox.datagrams.clear();
    for (auto& [path, bytes] : datagrams) {
      if (lose_one_in > 0 && bytes.size() > 500 && ++sent_ % lose_one_in == 0) continue;
      const auto index = static_cast<std::size_t>(path.remote.octets().back() - 1);
      peers_.at(index)->receive(now, {path.protocol, path.remote, path.local}, bytes, said_);
      settle(index);
    }
    for (const auto& message : events) std::visit([&](const auto& event) { hear(event); }, message.event);
  }
  template <typename Event>
  void hear(const Event&) {}
  void hear(const control::Published& published) {
    answer(published.participant, loadtest::PublishAnswer{offer_number_, published.answer});
  }
  void hear(const control::Playing& playing) {
    answer(playing.participant, loadtest::PublishAnswer{offer_number_, playing.answer});
  }
  void hear(const control::Refused& refused) { FAIL(refused.code << ": " << refused.message); }
  void hear(const control::Offered& offered) {
    loadtest::SubscribeOffer offer{.revision = offered.revision, .sdp = offered.offer, .tracks = {}, .replace = false};
    if (anonymous) offer.sdp = without_ssrcs(offer.sdp);
    for (const auto& track : offered.tracks) offer.tracks.push_back({track.mid, track.track});
    answer(offered.participant, offer);
  }
  void answer(ParticipantId participant, const loadtest::FromServer& message) {
    peers_[participant.value - 1]->receive(now, message, said_);
    settle(participant.value - 1);
  }

  transport::Certificate certificate_ = transport::Certificate::make();
  std::unique_ptr<transport::Cipher> cipher_ = transport::make_cipher();
  room::Engine engine_{{{"candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host"}, {}}, Random::from_number(99)};
  room::Output out_;
  loadtest::PeerOutput said_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::uint32_t offer_number_ = 0;
  std::uint64_t tracks_ = 0;
  int sent_ = 0;
};

void check_flawless(const loadtest::Quality& quality) {
  CHECK(quality.damaged == 0);
  CHECK(quality.misplaced == 0);
  CHECK(quality.missing == 0);
  CHECK(quality.freezes == 0);
}

}  // namespace

TEST_CASE("pictures of every codec and sound come through the server whole and in order") {
  const auto picture = load_clip(GENERATE("vp8", "vp9", "h264", "vp8-simulcast", "h264-simulcast"));
  const auto sound = load_clip("opus");
  Call call;
  call.add({loadtest::player(sound, 1), loadtest::player(picture, 1)});
  Peer& viewer = call.add({});
  Peer& counter = call.add({}, 1000);
  for (const std::size_t peer : {1, 2})
    for (const std::uint64_t track : {1, 2}) call.subscribe(peer, TrackId{track});
  call.run(seconds(10));
  const auto seen = viewer.quality(call.now);
  check_flawless(seen);
  CHECK(viewer.tracks_expected() == 2);
  CHECK(viewer.tracks_shown() == 2);
  CHECK(viewer.receiving_since());
  CHECK(seen.verified == seen.packets);
  CHECK(seen.frames > 9 * (50 + 25));
  CHECK(seen.delay.count() > 500);
  CHECK(seen.delay.largest() < 100'000);  // a key frame leaves hardly faster than the estimate
  // Whoever only counts comes to the same, or nearly: it may begin some milliseconds later.
  const auto counted = counter.quality(call.now);
  check_flawless(counted);
  CHECK(double(counted.frames) == Approx(double(seen.frames)).margin(10));
}

TEST_CASE("what the network loses is repaired, and no frame is shown in the wrong place") {
  const auto picture = load_clip(GENERATE("vp8", "vp9", "h264"));
  Call call;
  call.add({loadtest::player(picture, 1)});
  Peer& viewer = call.add({});
  call.subscribe(1, TrackId{1});
  call.run(seconds(2));
  call.lose_one_in = 50;
  call.run(seconds(10));
  call.lose_one_in = 0;
  call.run(seconds(1));
  const auto seen = viewer.quality(call.now);
  CHECK(seen.damaged == 0);
  CHECK(seen.misplaced == 0);
  CHECK(seen.missing == 0);
  CHECK(seen.repaired > 10);
  CHECK(seen.frames > 12 * 25);
}

TEST_CASE("streams that the server's offer does not name are known by what they are, their repairs too") {
  const auto picture = load_clip("vp8");
  const auto sound = load_clip("opus");
  Call call;
  call.anonymous = true;
  call.add({loadtest::player(sound, 1), loadtest::player(picture, 1)});
  Peer& viewer = call.add({});
  for (const std::uint64_t track : {1, 2}) call.subscribe(1, TrackId{track});
  call.run(seconds(2));
  call.lose_one_in = 50;
  call.run(seconds(5));
  call.lose_one_in = 0;
  call.run(seconds(1));
  const auto seen = viewer.quality(call.now);
  CHECK(viewer.tracks_shown() == 2);
  CHECK(seen.repaired > 5);
  CHECK(seen.missing == 0);
  CHECK(seen.damaged == 0);
  CHECK(seen.misplaced == 0);
}

TEST_CASE("a player that offers to receive gets pictures and sound") {
  const auto picture = load_clip("h264");
  const auto sound = load_clip("opus");
  Call call;
  call.add({loadtest::player(sound, 1), loadtest::player(picture, 1)});
  Peer& player = call.add({}, 1, {sdp::Kind::audio, sdp::Kind::video});
  for (const std::uint64_t track : {1, 2}) call.subscribe(1, TrackId{track});
  call.run(seconds(5));
  const auto seen = player.quality(call.now);
  check_flawless(seen);
  CHECK(player.tracks_shown() == 2);
  CHECK(seen.frames > 4 * (50 + 25));
}
