// A crowd without a server: who joins when, what becomes of those who get no answer, and whose an address is.
#include "loadtest/crowd.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::loadtest;

namespace {

constexpr Time start = Time(hours(1));

/// Lets nobody in, or refuses at once.
class Silence : public Signaling {
 public:
  explicit Silence(std::string refusal) : refusal_(std::move(refusal)) {}
  void start(Time, SignalingOutput& out) override {
    out.web.push_back(OpenSocket{"ws://nowhere/", "none"});
    if (!refusal_.empty()) end(refusal_);
  }
  void receive(Time, const FromWeb& event, SignalingOutput&) override {
    if (const auto* closed = std::get_if<SocketClosed>(&event)) end(closed->reason);
  }
  void receive(Time, const ToServer&, SignalingOutput&) override {}
  void leave(Time, SignalingOutput& out) override { out.web.push_back(CloseSocket{}); }

 private:
  std::string refusal_;
};

struct Hall {
  explicit Hall(const Scenario& scenario, const std::string& refusal = "") {
    std::vector<std::unique_ptr<Signaling>> signaling;
    for (std::size_t i = 0; i < make_plan(scenario).size(); ++i) signaling.push_back(std::make_unique<Silence>(refusal));
    crowd.emplace(certificate, *cipher, clips, scenario, CrowdAddresses{Address::v4({127, 1, 0, 0}, 5000), true},
                  std::move(signaling), Random::from_number(1));
    crowd->start(start);
  }
  /// Goes on to `until`, waking the crowd whenever it wants to be woken; it must not want that forever at one time.
  void run(Time until) {
    int turns = 0;
    for (Time now = start; now <= until; now = std::max(crowd->wakeup(), now)) {
      crowd->advance(now, out);
      REQUIRE(++turns < 10'000);
      if (crowd->wakeup() > until) break;
    }
  }

  transport::Certificate certificate = transport::Certificate::make();
  std::unique_ptr<transport::Cipher> cipher = transport::make_cipher();
  Clips clips;
  std::optional<Crowd> crowd;
  CrowdOutput out;
};

Scenario meeting(std::uint32_t peers) {
  Scenario scenario;
  scenario.rooms.publishers = peers;
  scenario.media.audio = AudioMedia{};
  scenario.ramp = seconds(4);
  return scenario;
}

}  // namespace

TEST_CASE("The crowd joins over the ramp, one after the other") {
  Hall hall(meeting(4));
  hall.run(start + milliseconds(500));
  CHECK(hall.crowd->attendance().planned == 4);
  CHECK(hall.crowd->attendance().joining == 1);
  hall.run(start + milliseconds(2500));
  CHECK(hall.crowd->attendance().joining == 3);
  CHECK(hall.out.web.size() == 3);
  CHECK(hall.out.web.back().member == 2);
}

TEST_CASE("Who is refused has failed with the reason, and so has who gets no answer in 20 s") {
  Hall refused(meeting(3), "not you");
  refused.run(start + seconds(5));
  CHECK(refused.crowd->attendance().failed == 3);
  CHECK(refused.crowd->joins().failures == std::map<std::string, std::uint32_t>{{"not you", 3}});

  Hall silent(meeting(3));
  silent.run(start + seconds(19));
  CHECK(silent.crowd->attendance().failed == 0);
  silent.run(start + seconds(40));
  CHECK(silent.crowd->attendance().failed == 3);
  CHECK(silent.crowd->joins().failures.begin()->first == "the server has not let it in within 20 s");
}

TEST_CASE("A WebSocket that breaks is a failure of its member alone") {
  Hall hall(meeting(3));
  hall.run(start + seconds(4));
  hall.crowd->receive(start + seconds(4), 1, SocketClosed{"Connection reset"}, hall.out);
  hall.crowd->receive(start + seconds(4), 99, SocketClosed{"of nobody"}, hall.out);
  hall.run(start + seconds(5));
  CHECK(hall.crowd->attendance().failed == 1);
  CHECK(hall.crowd->attendance().joining == 2);
}

TEST_CASE("Whoever leaves says so, and a failure stays one") {
  Hall hall(meeting(2));
  hall.run(start + seconds(4));
  hall.crowd->receive(start + seconds(4), 0, SocketClosed{"gone"}, hall.out);
  hall.run(start + seconds(5));
  hall.out.web.clear();
  hall.crowd->leave(start + seconds(5), hall.out);
  CHECK(hall.crowd->attendance().left == 1);
  CHECK(hall.crowd->attendance().failed == 1);
  REQUIRE(hall.out.web.size() == 1);
  CHECK(std::holds_alternative<CloseSocket>(hall.out.web.front().action));
  CHECK(hall.crowd->wakeup() > start + seconds(5));
}

TEST_CASE("Datagrams to addresses of nobody are counted") {
  Hall hall(meeting(2));
  hall.run(start + seconds(4));
  Buffer bytes(20);
  const Address server = Address::v4({127, 0, 0, 1}, 40000);
  for (const Address local : {Address::v4({127, 0, 0, 1}, 5000), Address::v4({127, 200, 0, 0}, 5000)})
    hall.crowd->receive(start + seconds(4), Path{Protocol::udp, local, server}, bytes, hall.out);
  CHECK(hall.out.outbox().drops[DropReason::unknown_path] == 2);
}

TEST_CASE("Each member has addresses of its own, or ports where there is one address") {
  for (const bool same_port : {true, false}) {
    const CrowdAddresses addresses{Address::v4({127, 1, 0, 0}, 10'000), same_port};
    for (const MemberNumber member : {0u, 1u, 15u, 1000u}) {
      Ports ports{addresses.of(member), same_port};
      for (std::uint32_t i = 0; i < CrowdAddresses::per_member; ++i) CHECK(addresses.member_at(ports.take()) == member);
      CHECK(addresses.member_at(ports.take()) == member + 1);
    }
  }
  CHECK(CrowdAddresses{Address::v4({127, 1, 0, 0}, 10'000), true}.of(16) == Address::v4({127, 1, 1, 0}, 10'000));
}
