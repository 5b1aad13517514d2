// What the simulated internet and its wiretaps promise: the invariants of every scenario are only as good as these.

#include "tests/sim/network.hpp"

#include <catch2/catch.hpp>

#include "loadtest/pattern.hpp"

using namespace parley;
using namespace parley::sim;

namespace {

constexpr Time start{seconds(1000)};
const Path to_client{Protocol::udp, worker_address(0), Address::v4({198, 51, 100, 1}, 5000)};

Buffer rtp(std::uint16_t sequence, std::uint8_t content = 0, std::uint32_t ssrc = 7) {
  Buffer bytes(40, content);
  Writer(bytes).u16(0x8060).u16(sequence).u32(0).u32(ssrc);
  return bytes;
}

DatagramBatch batch(const Path& path, Bytes bytes) {
  DatagramBatch datagrams;
  datagrams.add(path, bytes);
  return datagrams;
}

struct Internet {
  Internet() : network(Random::from_number(1)) {
    network.add_client(1, {.delay = milliseconds(10)});
    network.add_client(2, {});
  }
  void pass(Duration duration) {
    now += duration;
    network.advance(now, at_workers, at_clients);
  }
  Network network;
  Time now = start;
  DatagramBatch at_workers;
  std::map<ClientNumber, DatagramBatch> at_clients;
};

const Path from_client{Protocol::udp, client_address(1), worker_address(0)};

}  // namespace

TEST_CASE("a tap finds media that is not encrypted") {
  Tap tap;
  Buffer payload(200);
  loadtest::write({}, MutableBytes(payload).subspan(20));
  CHECK_FALSE(tap.inspect(to_client, payload).empty());
  CHECK(tap.inspect(to_client, rtp(1)).empty());
}

TEST_CASE("a tap finds one number with two contents, and allows a datagram to be sent again") {
  Tap tap;
  CHECK(tap.inspect(to_client, rtp(1, 10)).empty());
  CHECK(tap.inspect(to_client, rtp(1, 10)).empty());
  CHECK_FALSE(tap.inspect(to_client, rtp(1, 11)).empty());
  CHECK(tap.inspect(to_client, rtp(1, 11, 8)).empty());  // another stream
}

TEST_CASE("a tap counts the numbers that were left out, over the wrap-around too") {
  Tap tap;
  for (const int sequence : {65533, 65534, 0, 1, 4}) tap.inspect(to_client, rtp(static_cast<std::uint16_t>(sequence)));
  CHECK(tap.holes() == 3);
  tap.inspect(to_client, rtp(65535));
  CHECK(tap.holes() == 2);
}

TEST_CASE("a datagram passes the NAT both ways") {
  Internet internet;
  internet.network.send_from_client(internet.now, 1, batch(from_client, rtp(1)));
  internet.pass(milliseconds(9));
  CHECK(internet.at_workers.empty());
  internet.pass(milliseconds(1));
  REQUIRE(internet.at_workers.entries().size() == 1);
  const Path at_worker = internet.at_workers.entries()[0].path;
  CHECK(at_worker.local == worker_address(0));
  CHECK(at_worker.remote.host() == "198.51.100.1");

  internet.network.send_from_worker(internet.now, batch(at_worker, rtp(2)));
  internet.pass(milliseconds(10));
  REQUIRE(internet.at_clients[1].entries().size() == 1);
  CHECK(internet.at_clients[1].entries()[0].path == from_client);
  CHECK(internet.network.take_findings().empty());
}

TEST_CASE("after a rebinding a client comes from elsewhere, and what is sent to the old place is lost") {
  Internet internet;
  internet.network.send_from_client(internet.now, 1, batch(from_client, rtp(1)));
  internet.pass(milliseconds(10));
  const Path before = internet.at_workers.entries()[0].path;
  internet.network.rebind(1);
  internet.network.send_from_worker(internet.now, batch(before, rtp(2)));
  internet.network.send_from_client(internet.now, 1, batch(from_client, rtp(3)));
  internet.pass(milliseconds(10));
  CHECK(internet.at_clients[1].empty());
  CHECK(internet.network.unroutable() == 1);
  REQUIRE(internet.at_workers.entries().size() == 2);
  CHECK(internet.at_workers.entries()[1].path.remote != before.remote);
}

TEST_CASE("the trace depends on every byte, every path and every time") {
  const auto trace = [](Duration at, const Path& path, Bytes bytes) {
    Internet internet;
    internet.network.send_from_client(start + at, 1, batch(path, bytes));
    return internet.network.trace();
  };
  const auto one = trace({}, from_client, rtp(1, 10));
  CHECK(one == trace({}, from_client, rtp(1, 10)));
  CHECK(one != trace(nanoseconds(1), from_client, rtp(1, 10)));
  CHECK(one != trace({}, from_client, rtp(1, 11)));
  CHECK(one != trace({}, {Protocol::udp, client_address(2), worker_address(0)}, rtp(1, 10)));
}
