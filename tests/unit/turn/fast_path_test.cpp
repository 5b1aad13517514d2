// Datagrams that go past the server: which may, for how long, and that they count like all others.

#include "tests/unit/turn/relay_harness.hpp"
#include "turn/allocation.hpp"

namespace parley::turn {

namespace {

constexpr std::uint16_t channel = 0x4000;

/// A client with a channel to the peer.
struct Call {
  explicit Call(const Config& config = default_config()) : relay(config) {
    relay.allocate(client, ada, [](auto& b) { b.u32(Attribute::lifetime, 3600); });
    REQUIRE(relay.bind(client, ada, channel, peer).is_success());
  }
  Time carried(const Carried& to_peer = {}, const Carried& to_client = {}) {
    return relay.server.carried(relay.now, relay.relay(), peer, to_peer, to_client);
  }
  RelayHarness relay;
  TurnUser ada;
};

}  // namespace

TEST_CASE("A channel may go past the server as long as its permission, itself and its allocation last") {
  Call call;
  const auto wanted = call.relay.all<OpenFastPath>();
  REQUIRE(wanted.size() == 1);
  CHECK(wanted[0].relay == call.relay.relay());
  CHECK(wanted[0].client == client);
  CHECK(wanted[0].channel.value == channel);
  CHECK(wanted[0].peer == peer);
  const Time bound = call.relay.now;
  CHECK(call.carried() == bound + Allocation::permission_lifetime);
  call.relay.advance(minutes(4));
  call.relay.permit(client, call.ada, peer);
  CHECK(call.carried() == bound + minutes(9));
  call.relay.advance(minutes(4));
  call.relay.permit(client, call.ada, peer);
  CHECK(call.carried() == bound + Allocation::channel_lifetime);
  call.relay.advance(minutes(2));
  CHECK(call.carried() == call.relay.now);
  // Refreshed, it is offered anew.
  call.relay.learn(client, call.ada);
  REQUIRE(call.relay.bind(client, call.ada, channel, peer).is_success());
  CHECK(call.relay.all<OpenFastPath>().size() == 2);
  CHECK(call.carried() == call.relay.now + Allocation::permission_lifetime);
  call.relay.refresh(client, call.ada, 0);
  CHECK(call.carried() == call.relay.now);
}

TEST_CASE("What went past the server is counted as if it had not, and so is what comes when nothing may any more") {
  Call call;
  call.carried({10, 1000}, {20, 4000});
  call.relay.advance(minutes(6));
  CHECK(call.carried({1, 100}) == call.relay.now);
  CHECK(call.relay.server.counts()[Count::packets_to_peers] == 11);
  CHECK(call.relay.server.counts()[Count::bytes_to_peers] == 1100);
  CHECK(call.relay.server.counts()[Count::packets_to_clients] == 20);
  CHECK(call.relay.server.counts()[Count::bytes_to_clients] == 4000);
  call.relay.refresh(client, call.ada, 0);
  const auto& closed = std::get<AllocationClosed>(call.relay.events.back());
  CHECK(closed.bytes_to_peers == 1100);
  CHECK(closed.bytes_to_client == 4000);
  call.carried({}, {2, 200});  // told a moment too late
  CHECK(call.relay.server.counts()[Count::packets_to_clients] == 22);
}

TEST_CASE("Who takes more than his bandwidth past the server has to come by it again") {
  Config config = default_config();
  config.limits.bandwidth_of_user = 1'000'000;  // 65,536 bytes at once
  Call call(config);
  CHECK(call.carried({40, 40'000}, {20, 20'000}) > call.relay.now);
  call.relay.advance(milliseconds(20));
  CHECK(call.carried({15, 15'000}) > call.relay.now);
  CHECK(call.carried({20, 20'000}) == call.relay.now);
  // What the sockets get is measured by the same.
  call.relay.receive(client, test::channel_data(channel, Buffer(1000)));
  CHECK(call.relay.relayed.empty());
  CHECK(call.relay.server.reasons()[Reason::over_bandwidth] == 1);
}

TEST_CASE("Nothing of a client on a stream goes past the server, and nothing of a peer that may not be reached any more") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(stream, ada);
  REQUIRE(relay.bind(stream, ada, channel, peer).is_success());
  CHECK(relay.all<OpenFastPath>().empty());
  CHECK(relay.server.carried(relay.now, relay.relay(), peer.with_port(9), {}, {}) == relay.now);
}

}  // namespace parley::turn
