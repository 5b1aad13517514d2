#include "sfu/net/udp_socket.hpp"

#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace parley::net {

namespace {

/// Two sockets on loopback, and what the second one has received from the first.
struct Pair {
  UdpSocket sender{0, "--test"};
  UdpSocket receiver{0, "--test"};
  Path path{Protocol::udp, *Address::parse("127.0.0.1", sender.port()), *Address::parse("127.0.0.1", receiver.port())};
  DatagramBatch batch;
  Drops drops;

  void add(Flow& flow, std::size_t size, std::uint8_t first) {
    const auto slot = batch.reserve();
    for (std::size_t i = 0; i < size; ++i) slot[i] = static_cast<std::uint8_t>(first + i);
    batch.commit(flow, size);
  }
  void send() {
    sender.send_batch(batch, drops);
    batch.clear();
  }
  std::vector<Buffer> receive(std::size_t expected) {
    std::vector<Buffer> received;
    pollfd ready{receiver.descriptor(), POLLIN, 0};
    while (received.size() < expected && ::poll(&ready, 1, 2000) > 0)
      for (const auto& datagram : receiver.receive_batch(drops))
        received.emplace_back(datagram.bytes.begin(), datagram.bytes.end());
    return received;
  }
};

std::vector<std::size_t> sizes(const std::vector<Buffer>& datagrams) {
  std::vector<std::size_t> result;
  for (const auto& datagram : datagrams) result.push_back(datagram.size());
  return result;
}

}  // namespace

TEST_CASE("datagrams of one flow arrive one by one and in order, whatever their sizes") {
  Pair pair;
  const bool cut_by_kernel = GENERATE(true, false);
  if (!cut_by_kernel) pair.sender.sender().disable_segmentation();
  Flow flow(pair.path);
  const std::vector<std::size_t> sent = {1200, 1200, 1200, 700, 700, 800, 800, 100, 1, 1200};
  for (std::size_t i = 0; i < sent.size(); ++i) pair.add(flow, sent[i], static_cast<std::uint8_t>(i));
  pair.send();
  const auto received = pair.receive(sent.size());
  CHECK(sizes(received) == sent);
  for (std::size_t i = 0; i < received.size(); ++i) CHECK(received[i].front() == i);
  CHECK(pair.drops.total() == 0);
}

TEST_CASE("datagrams of one size for one destination leave as one run") {
  Pair pair;
  if (!pair.sender.sender().segments()) return;  // a kernel before 4.18
  Flow flow(pair.path);
  for (int i = 0; i < 5; ++i) pair.add(flow, 1000, 0);
  pair.add(flow, 400, 0);  // the last one of a run may be shorter
  pair.add(flow, 500, 0);
  pair.send();
  CHECK(pair.receive(7).size() == 7);
  CHECK(pair.sender.sender().runs().count() == 2);
  CHECK(pair.sender.sender().runs().largest() == 6);
}

TEST_CASE("two flows through one batch do not mix, and keep their own order") {
  Pair pair;
  UdpSocket other(0, "--test");
  Flow first(pair.path);
  Flow second({Protocol::udp, pair.path.local, pair.path.remote.with_port(other.port())});
  for (std::uint8_t i = 0; i < 10; ++i) {
    pair.add(first, 300, i);
    pair.add(second, 300, static_cast<std::uint8_t>(100 + i));
  }
  pair.send();
  const auto received = pair.receive(10);
  REQUIRE(received.size() == 10);
  for (std::uint8_t i = 0; i < 10; ++i) CHECK(received[i].front() == i);
  std::size_t at_other = 0;
  for (const auto& datagram : other.receive_batch(pair.drops)) CHECK(datagram.bytes.front() == 100 + at_other++);
  CHECK(at_other == 10);
}

TEST_CASE("more than the kernel takes in one run go in several") {
  Pair pair;
  Flow flow(pair.path);
  for (int i = 0; i < 150; ++i) pair.add(flow, 1400, static_cast<std::uint8_t>(i));
  pair.send();
  const auto received = pair.receive(150);
  REQUIRE(received.size() == 150);
  for (std::size_t i = 0; i < received.size(); ++i) CHECK(received[i].front() == i);
  CHECK(pair.sender.sender().runs().largest() <= UdpSender::longest_run);
}

TEST_CASE("a flow that was used with an earlier turn or another batch begins anew") {
  Pair pair;
  Flow flow(pair.path);
  pair.add(flow, 100, 1);
  pair.add(flow, 100, 2);
  pair.batch.clear();
  pair.add(flow, 100, 3);
  CHECK(pair.batch.entries()[0].first_of_flow);
  DatagramBatch another;
  another.add(Path{}, Buffer(10));
  another.reserve();
  another.commit(flow, 10);
  CHECK(another.entries()[1].first_of_flow);
}

TEST_CASE("what cannot be sent is counted, datagram by datagram") {
  Pair pair;
  Flow nowhere(
      {Protocol::udp, *Address::parse("127.0.0.1", 1), *Address::parse("255.255.255.255", 9)});  // a broadcast is refused
  for (int i = 0; i < 3; ++i) pair.add(nowhere, 1000, 0);
  Flow flow(pair.path);
  pair.add(flow, 1000, 7);
  pair.send();
  CHECK(pair.drops[DropReason::send_refused] == 3);
  CHECK(pair.receive(1).size() == 1);
}

TEST_CASE("a datagram larger than a slot is counted and left out") {
  Pair pair;
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM, 0);
  const auto address = to_socket_address(pair.path.remote, AF_INET);
  const Buffer large(DatagramBatch::slot_size + 1), whole(DatagramBatch::slot_size);
  for (const auto* bytes : {&large, &whole})
    REQUIRE(::sendto(descriptor, bytes->data(), bytes->size(), 0, address.pointer(), address.size) > 0);
  ::close(descriptor);
  CHECK(sizes(pair.receive(1)) == std::vector{whole.size()});
  CHECK(pair.drops[DropReason::oversized_datagram] == 1);
}

}  // namespace parley::net
