// The sockets of a relay: batches over many sockets, datagrams sent in pieces, shared ports, and what routers say.

#include "sfu/net/relay_socket.hpp"

#include <poll.h>

#include "sfu/net/gather_sender.hpp"
#include "sfu/net/icmp_error.hpp"
#include "sfu/net/system_error.hpp"
#include "sfu/net/udp_collector.hpp"
#include "tests/unit/net/loopback.hpp"

namespace parley::net {
namespace {

const Address loopback = *Address::parse("127.0.0.1", 0);

/// An address of the loopback that nobody has just now.
Address free_address() {
  const SharedUdpSocket probe(loopback, "--test");
  return loopback.with_port(probe.port());
}

bool readable(int descriptor) {
  pollfd ready{descriptor, POLLIN, 0};
  return ::poll(&ready, 1, 2000) > 0;
}

/// What a relay socket gets, in order, as texts.
std::vector<std::string> receive(const RelaySocket& socket, std::size_t expected) {
  UdpCollector collector(8, 65535);
  std::vector<std::string> texts;
  Drops drops;
  while (texts.size() < expected && readable(socket.descriptor())) {
    for (const Datagram& datagram : collector.receive(socket.descriptor(), socket.port(), 8, drops))
      texts.emplace_back(as_text(datagram.bytes));
    collector.release();
  }
  return texts;
}

}  // namespace

TEST_CASE("datagrams in pieces arrive whole and in order, whatever else is sent in between") {
  const RelaySocket from(free_address()), one(free_address()), other(free_address());
  REQUIRE((from && one && other));
  GatherSender sender;
  Drops drops;
  const auto way = [&](const RelaySocket& to) {
    return GatherSender::Way{from.descriptor(), from.family(), Address(), loopback.with_port(to.port())};
  };
  std::vector<std::string> payloads;
  for (int i = 0; i < 100; ++i) payloads.push_back("payload " + std::to_string(i % 7 == 6 ? i * 1000 : 10 + i % 10));
  for (const std::string& payload : payloads) {
    sender.add(way(one), as_bytes("<"), as_bytes(payload), as_bytes(">"), drops);
    sender.add(way(other), {}, as_bytes(payload), {}, drops);
  }
  sender.flush(drops);
  const auto whole = receive(one, payloads.size());
  REQUIRE(whole.size() == payloads.size());
  for (std::size_t i = 0; i < payloads.size(); ++i) CHECK(whole[i] == "<" + payloads[i] + ">");
  CHECK(receive(other, payloads.size()) == payloads);
  CHECK(drops.total() == 0);
}

TEST_CASE("datagrams of one size for one destination go through the network as one") {
  const RelaySocket from(free_address()), to(free_address());
  GatherSender sender;
  Drops drops;
  const std::string payload(1000, 'x');
  for (int i = 0; i < 20; ++i)
    sender.add({from.descriptor(), from.family(), Address(), loopback.with_port(to.port())}, as_bytes("head"), as_bytes(payload),
               {}, drops);
  sender.flush(drops);
  CHECK(receive(to, 20).size() == 20);
  CHECK(sender.runs().count() == 1);
}

TEST_CASE("a collector takes from several sockets until it is full, and what it took stays until it is released") {
  const RelaySocket from(free_address()), one(free_address()), other(free_address());
  GatherSender sender;
  Drops drops;
  for (const RelaySocket* to : {&one, &one, &other})
    for (const char* text : {"a", "bb"})
      sender.add({from.descriptor(), from.family(), Address(), loopback.with_port(to->port())}, {}, as_bytes(text), {}, drops);
  sender.flush(drops);
  REQUIRE((readable(one.descriptor()) && readable(other.descriptor())));
  UdpCollector collector(2, 65535);
  const auto first = collector.receive(one.descriptor(), one.port(), 1, drops);
  REQUIRE_FALSE(first.empty());
  const Bytes kept = first.front().bytes;
  CHECK_FALSE(collector.full());
  CHECK(collector.may_have_left_some());
  CHECK_FALSE(collector.receive(other.descriptor(), other.port(), 8, drops).empty());
  CHECK(collector.full());
  CHECK(collector.receive(one.descriptor(), one.port(), 8, drops).empty());
  CHECK(as_text(kept) == "a");
}

TEST_CASE("what nobody listens to comes back as an ICMP error, and the next datagram is sent all the same") {
  const RelaySocket from(free_address()), to(free_address());
  const Address nobody = free_address();
  GatherSender sender;
  Drops drops;
  sender.add({from.descriptor(), from.family(), Address(), nobody}, {}, as_bytes("lost"), {}, drops);
  sender.flush(drops);
  REQUIRE(readable(from.descriptor()));
  sender.add({from.descriptor(), from.family(), Address(), loopback.with_port(to.port())}, {}, as_bytes("kept"), {}, drops);
  sender.flush(drops);
  CHECK(receive(to, 1) == std::vector<std::string>{"kept"});
  const auto error = take_icmp_error(from.descriptor());
  REQUIRE(error);
  CHECK(error->remote == nobody);
  CHECK(error->type == 3);  // destination unreachable
  CHECK(error->code == 3);  // port unreachable
  CHECK_FALSE(take_icmp_error(from.descriptor()));
  CHECK(drops.total() == 0);
}

TEST_CASE("threads share a port, and another program's port is noticed before") {
  const SharedUdpSocket first(loopback, "--listen");
  const SharedUdpSocket second(loopback.with_port(first.port()), "--listen");
  CHECK(first.port() == second.port());
  CHECK_THROWS_WITH(check_free(Protocol::udp, loopback.with_port(first.port()), "--listen"),
                    Catch::Contains("is already in use") && Catch::Contains("--listen"));
  CHECK_FALSE(RelaySocket(loopback.with_port(first.port())));
}

}  // namespace parley::net
