// libnice's NiceAgent, which may use nothing but the bundled relay, as the peer of our lite agent: parley-turn itself in between.

#include <catch2/catch.hpp>

#include "sfu/net/child_process.hpp"
#include "sfu/transport/ice_lite.hpp"
#include "tests/interop/loopback.hpp"
#include "tests/interop/nice_peer.hpp"

namespace parley::transport {
namespace {

/// The relay, on a port that was free a moment ago.
struct Relay {
  Address server = test::LoopbackSocket().address();
  net::ChildProcess program{net::executable_directory() + "/parley-turn",
                            {"--listen", server.text(), "--threads", "1", "--user", "ada:secret", "--relay-address", "127.0.0.1",
                             "--allow-peer", "127.0.0.1"},
                            net::FileDescriptor(),
                            "/dev/null"};
};

/// A STUN binding request without attributes.
constexpr std::array<std::uint8_t, 20> binding{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};

bool answers(const Address& server) {
  test::LoopbackSocket socket;
  for (int i = 0; i < 100; ++i) {
    socket.send(server, binding);
    if (socket.receive(std::chrono::milliseconds(100))) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("libnice, which may use nothing but our relay, gets ready with our lite agent, and data passes both ways") {
  const Relay relay;
  REQUIRE(answers(relay.server));
  const NicePeer::Relay access{relay.server, "ada", "secret"};
  NicePeer nice(NICE_NOMINATION_MODE_REGULAR, true, &access);
  test::LoopbackSocket socket;
  IceLite ours{{"serverfrag", "server-password-server-password"}};
  ours.set_remote_ufrag(nice.local().ufrag);
  nice.connect(ours.local(), socket.address());
  std::vector<std::string> texts;
  const auto run_until = [&](auto done) {
    const Time deadline = test::real_time() + seconds(20);
    while (!done() && test::real_time() < deadline) {
      nice.turn();
      const auto arrived = socket.receive(std::chrono::milliseconds(2));
      if (!arrived) continue;
      if (!arrived->second.empty() && arrived->second[0] > 3) {
        texts.emplace_back(arrived->second.begin(), arrived->second.end());
        continue;
      }
      Outbox out;
      ours.receive(test::real_time(), {Protocol::udp, socket.address(), arrived->first}, arrived->second, out);
      for (const auto& entry : out.datagrams.entries()) socket.send(entry.path.remote, entry.bytes());
    }
    return done();
  };
  REQUIRE(run_until([&] { return nice.ready() && ours.selected(); }));
  CHECK(ours.selected()->remote.port() >= 49152);  // the relay's
  nice.send("from libnice");
  socket.send(ours.selected()->remote, as_bytes("from us"));
  CHECK(run_until([&] { return !texts.empty() && !nice.texts.empty(); }));
  CHECK(texts == std::vector<std::string>{"from libnice"});
  CHECK(nice.texts == std::vector<std::string>{"from us"});
}

}  // namespace parley::transport
