// libnice's NiceAgent, a full ICE agent that is none of our code, as the peer of our lite one, over real loopback sockets.

#include <catch2/catch.hpp>

#include "sfu/transport/ice_client.hpp"
#include "sfu/transport/ice_lite.hpp"
#include "tests/interop/loopback.hpp"
#include "tests/interop/nice_peer.hpp"

namespace parley::transport {

namespace {

/// Our agent on its socket, and the other one, in turns until `done` or for ten seconds.
struct Bench {
  explicit Bench(NiceNominationMode mode) : nice(mode) {}

  template <typename Condition>
  bool run_until(Condition done) {
    const Time deadline = test::real_time() + seconds(10);
    while (!done() && test::real_time() < deadline) {
      nice.turn();
      const auto arrived = socket.receive(std::chrono::milliseconds(2));
      if (!arrived) continue;
      const Path path{Protocol::udp, socket.address(), arrived->first};
      if (!arrived->second.empty() && arrived->second[0] > 3) {
        texts.emplace_back(arrived->second.begin(), arrived->second.end());
        continue;
      }
      Outbox out;
      ours.receive(test::real_time(), path, arrived->second, out);
      for (const auto& entry : out.datagrams.entries()) socket.send(entry.path.remote, entry.bytes());
      drops += out.drops;
    }
    return done();
  }

  IceLite ours{{"serverfrag", "server-password-server-password"}};
  NicePeer nice;
  test::LoopbackSocket socket;
  std::vector<std::string> texts;
  Drops drops;
};

}  // namespace

TEST_CASE("libnice as a full agent gets ready with our lite one, and data passes both ways") {
  Bench bench(GENERATE(NICE_NOMINATION_MODE_REGULAR, NICE_NOMINATION_MODE_AGGRESSIVE));
  bench.ours.set_remote_ufrag(bench.nice.local().ufrag);
  bench.nice.connect(bench.ours.local(), bench.socket.address());
  REQUIRE(bench.run_until([&] { return bench.nice.ready() && bench.ours.selected(); }));
  bench.nice.send("from libnice");
  bench.socket.send(bench.ours.selected()->remote, as_bytes("from us"));
  CHECK(bench.run_until([&] { return !bench.texts.empty() && !bench.nice.texts.empty(); }));
  CHECK(bench.texts == std::vector<std::string>{"from libnice"});
  CHECK(bench.nice.texts == std::vector<std::string>{"from us"});
  // libnice keeps NAT bindings open with indications, which need no answer; all else was understood.
  CHECK(bench.drops.total() == bench.drops[DropReason::stun_unexpected]);
}

TEST_CASE("libnice restarts ICE against us and gets ready again") {
  Bench bench(NICE_NOMINATION_MODE_REGULAR);
  bench.ours.set_remote_ufrag(bench.nice.local().ufrag);
  bench.nice.connect(bench.ours.local(), bench.socket.address());
  REQUIRE(bench.run_until([&] { return bench.nice.ready() && bench.ours.selected(); }));
  bench.nice.restart();
  bench.ours.restart({"renewedfrag", "renewed-password-renewed-password"});
  bench.ours.set_remote_ufrag(bench.nice.local().ufrag);
  bench.nice.connect(bench.ours.local(), bench.socket.address());
  CHECK(bench.run_until([&] { return bench.nice.ready(); }));
  bench.nice.send("again");
  CHECK(bench.run_until([&] { return !bench.texts.empty(); }));
}

TEST_CASE("our client gets ready with libnice as a full agent, which was told no candidates, whoever it takes for controlling") {
  const bool controlling = GENERATE(false, true);
  NicePeer nice(NICE_NOMINATION_MODE_REGULAR, controlling);
  test::LoopbackSocket socket;
  IceClient ours({"clientfrag", "client-password-client-password"}, Random::from_number(1));
  REQUIRE(nice.candidates().size() == 1);
  nice.expect(ours.local());
  ours.connect(test::real_time(), socket.address(), nice.local(), {{Protocol::udp, nice.candidates()[0]}});

  std::vector<std::string> texts;
  const auto run_until = [&](auto done) {
    const Time deadline = test::real_time() + seconds(10);
    while (!done() && test::real_time() < deadline) {
      Outbox out;
      nice.turn();
      const auto arrived = socket.receive(std::chrono::milliseconds(2));
      if (arrived && !arrived->second.empty() && arrived->second[0] > 3)
        texts.emplace_back(arrived->second.begin(), arrived->second.end());
      else if (arrived)
        ours.receive(test::real_time(), {Protocol::udp, socket.address(), arrived->first}, arrived->second, out);
      ours.advance(test::real_time(), out);
      for (const auto& entry : out.datagrams.entries()) socket.send(entry.path.remote, entry.bytes());
    }
    return done();
  };
  REQUIRE(run_until([&] { return nice.ready() && ours.state() == IceClient::State::connected; }));
  nice.send("from libnice");
  socket.send(ours.selected()->remote, as_bytes("from us"));
  CHECK(run_until([&] { return !texts.empty() && !nice.texts.empty(); }));
}

}  // namespace parley::transport
