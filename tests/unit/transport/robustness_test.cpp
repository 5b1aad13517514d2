// Hostile bytes: a connection in use is not disturbed by whatever arrives, and a handshake under fire ends in a state, not a
// crash.

#include <catch2/catch.hpp>

#include "tests/support/two_ends.hpp"

namespace parley::transport {

namespace {

using test::receiver_report;
using test::rtp_header;
using test::TwoEnds;

Buffer mutate(Random& random, const Buffer& original) {
  Buffer copy = original;
  while (copy == original) {
    const std::uint64_t changes = 1 + random.below(4);
    for (std::uint64_t i = 0; i < changes; ++i) copy[random.below(copy.size())] = static_cast<std::uint8_t>(random.next());
    if (random.below(8) == 0) copy.resize(1 + random.below(copy.size()));
    if (random.below(16) == 0) copy.resize(copy.size() + random.below(100));
  }
  return copy;
}

}  // namespace

TEST_CASE("20000 broken datagrams of every kind, on its own path, leave an established connection as it was") {
  TwoEnds ends(20);
  ends.connect_and_wait();
  for (std::uint16_t i = 0; i < 10; ++i) {
    ends.client.send_rtp(rtp_header(i, 2), Buffer(100, 0x5a), ends.client_out);
    ends.client.send_rtcp(receiver_report(2), ends.client_out);
    ends.flush();
  }
  ends.run(seconds(10));
  REQUIRE(ends.server_rtp.size() == 10);
  const std::vector<Path> paths = ends.server.paths();
  const Path stranger{Protocol::udp, ends.server_address, Address::v4({203, 0, 113, 9}, 9)};
  Random random = Random::from_number(20000);
  Outbox out;
  for (int round = 0; round < 20000; ++round) {
    Buffer datagram = mutate(random, ends.to_server[random.below(ends.to_server.size())]);
    const Received received = ends.server.receive(ends.now, round % 4 ? paths[0] : stranger, datagram, out);
    REQUIRE(received.kind == Received::Kind::nothing);
    REQUIRE_FALSE(received.added);
    REQUIRE_FALSE(received.forgotten);
    REQUIRE(ends.server.state() == State::connected);
    REQUIRE(out.datagrams.entries().size() <= 1);
    if (!out.datagrams.empty()) REQUIRE(out.datagrams.entries()[0].size <= datagram.size());
    out.datagrams.clear();
  }
  CHECK(out.drops.total() == 20000);
  CHECK(ends.server.paths() == paths);
  ends.client.send_rtp(rtp_header(10, 2), Buffer(100, 0x5a), ends.client_out);
  ends.server.send_rtp(ends.now, rtp_header(10, 1), Buffer(100, 0x5a), ends.server_out);
  ends.flush();
  ends.run(milliseconds(50));
  CHECK(ends.server_rtp.size() == 11);
  CHECK(ends.client.rtp.size() == 1);
}

TEST_CASE("Random bytes with each first byte leave an established connection as it was") {
  TwoEnds ends(21);
  ends.connect_and_wait();
  Random random = Random::from_number(21);
  Outbox out;
  for (int round = 0; round < 20000; ++round) {
    Buffer datagram(1 + random.below(200));
    random.fill(datagram);
    datagram[0] = static_cast<std::uint8_t>(round);
    ends.server.receive(ends.now, ends.added[0], datagram, out);
    REQUIRE(out.datagrams.empty());
    REQUIRE(ends.server.state() == State::connected);
  }
  CHECK(out.drops.total() == 20000);
}

TEST_CASE("A handshake into which broken datagrams are mixed does not crash, and media never passes without keys") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    TwoEnds ends(seed);
    Random random = Random::from_number(seed);
    ends.connect();
    std::size_t seen = 0;
    for (int step = 0; step < 40 && !ends.server.ready(); ++step) {
      ends.run(milliseconds(5));
      for (; seen < ends.to_server.size(); ++seen) {
        for (int copies = 0; copies < 3; ++copies) {
          Buffer datagram = mutate(random, ends.to_server[seen]);
          if (!ends.added.empty()) ends.server.receive(ends.now, ends.added[0], datagram, ends.server_out);
        }
      }
      ends.flush();
    }
    CHECK(ends.server_rtp.empty());
    CHECK((ends.server.state() == State::connected || ends.server.state() == State::failed ||
           ends.server.state() == State::connecting));
  }
}

}  // namespace parley::transport
