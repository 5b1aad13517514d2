// The loop with an Engine that only sends everything back: what arrives over UDP and TCP leaves again as it came.
#include "sfu/net/event_loop.hpp"

#include <algorithm>

#include "tests/unit/net/loopback.hpp"

using namespace parley;
using namespace parley::net;

namespace {

/// A STUN binding request without attributes, followed by `payload` (a TCP connection has to begin with STUN).
std::string stun(std::string_view payload) {
  std::string message("\x00\x01\x00\x00\x21\x12\xA4\x42", 8);
  return message + std::string(12, 't') + std::string(payload);
}

std::string framed(std::string_view datagram) {
  return std::string{static_cast<char>(datagram.size() >> 8), static_cast<char>(datagram.size() & 0xFF)} + std::string(datagram);
}

Address at(const char* host, std::uint16_t port) { return *Address::parse(host, port); }

struct Echo {
  explicit Echo(EventLoop::Config config = {}) : loop(config, std::nullopt) {}

  /// Turns until `count` datagrams have been sent back; 5 s at most.
  void turn(std::size_t count) {
    const std::size_t wanted = paths.size() + count;
    turn_until([&] { return paths.size() >= wanted; });
  }
  template <typename Condition>
  void turn_until(Condition condition) {
    const Time deadline = Clock().now() + seconds(5);
    while (!condition() && Clock().now() < deadline) {
      const Turn& now = loop.wait(deadline);
      closed.insert(closed.end(), now.closed.begin(), now.closed.end());
      DatagramBatch batch;
      for (const Datagram& datagram : now.datagrams) {
        paths.push_back(datagram.path);
        batch.add(datagram.path, datagram.bytes);
      }
      loop.send(batch);
    }
  }
  void turn_until_closed() {
    turn_until([&] { return !closed.empty(); });
  }

  EventLoop loop;
  std::vector<Path> paths;
  std::vector<Path> closed;
};

}  // namespace

TEST_CASE("Datagrams over IPv4 and IPv6 reach one port, and answers leave from the address they came to") {
  Echo echo;
  for (const char* host : {"127.0.0.1", "127.0.0.2", "::1"}) {
    if (std::string_view(host) == "::1" && !has_ipv6_loopback()) continue;
    LoopbackClient client(SOCK_DGRAM, at(host, echo.loop.port()));
    client.send("hello");
    echo.turn(1);
    CHECK(client.receive() == "hello");  // a connected socket only hears the address that it sent to
    REQUIRE(!echo.paths.empty());
    CHECK(echo.paths.back() == Path{Protocol::udp, at(host, echo.loop.port()), client.local()});
  }
}

TEST_CASE("A burst of more than one batch arrives in order") {
  Echo echo;
  LoopbackClient client(SOCK_DGRAM, at("127.0.0.1", echo.loop.port()));
  for (int i = 0; i < 200; ++i) client.send(std::to_string(i));
  echo.turn(200);
  for (int i = 0; i < 200; ++i) REQUIRE(client.receive() == std::to_string(i));
  CHECK(echo.loop.drops().total() == 0);
}

TEST_CASE("A datagram that is too large is counted and left out, the next one is not disturbed") {
  Echo echo;
  LoopbackClient client(SOCK_DGRAM, at("127.0.0.1", echo.loop.port()));
  client.send(std::string(3000, 'x'));
  client.send("small");
  echo.turn(1);
  CHECK(client.receive() == "small");
  CHECK(echo.loop.drops()[DropReason::oversized_datagram] == 1);
}

TEST_CASE("What the kernel refuses to send is counted, and the rest of the batch still leaves") {
  Echo echo;
  LoopbackClient client(SOCK_DGRAM, at("127.0.0.1", echo.loop.port()));
  const Address local = at("127.0.0.1", echo.loop.port());
  DatagramBatch batch;
  batch.add({Protocol::udp, local, client.local()}, as_bytes("one"));
  batch.add({Protocol::udp, local, at("127.0.0.1", 0)}, as_bytes("to nowhere"));
  batch.add({Protocol::udp, local, client.local()}, as_bytes("two"));
  echo.loop.send(batch);
  CHECK(client.receive() == "one");
  CHECK(client.receive() == "two");
  CHECK(echo.loop.drops()[DropReason::send_refused] == 1);
}

TEST_CASE("Frames over TCP come and go whole, several at a time") {
  Echo echo;
  LoopbackClient client(SOCK_STREAM, at("127.0.0.1", echo.loop.port()));
  const std::string stream = framed(stun("first")) + framed(std::string(1200, 'd')) + framed("last");
  client.send(stream.substr(0, 31));
  client.send(stream.substr(31));
  echo.turn(3);
  std::string echoed;
  while (echoed.size() < stream.size()) {
    const std::string piece = client.receive();
    REQUIRE(!piece.empty());
    echoed += piece;
  }
  CHECK(echoed == stream);
  CHECK(echo.paths.front() == Path{Protocol::tcp, at("127.0.0.1", echo.loop.port()), client.local()});
}

TEST_CASE("A TCP connection that does not begin with STUN is closed and counted") {
  Echo echo;
  LoopbackClient client(SOCK_STREAM, at("127.0.0.1", echo.loop.port()));
  client.send(framed("GET / HTTP/1.1 and more than twenty bytes"));
  echo.turn_until_closed();
  CHECK(echo.closed == std::vector<Path>{{Protocol::tcp, at("127.0.0.1", echo.loop.port()), client.local()}});
  CHECK(echo.loop.drops()[DropReason::tcp_first_frame_not_stun] == 1);
  echo.loop.wait(Time{});  // lets go of the descriptor
  CHECK(client.receive().empty());
}

TEST_CASE("A TCP frame of more than a datagram closes the connection, after the frames before it") {
  Echo echo;
  LoopbackClient client(SOCK_STREAM, at("127.0.0.1", echo.loop.port()));
  client.send(framed(stun("good")) + "\xFF\xFF");
  echo.turn(1);
  CHECK(echo.paths.size() == 1);
  CHECK(echo.closed.size() == 1);
  CHECK(echo.loop.drops()[DropReason::tcp_frame_too_large] == 1);
}

TEST_CASE("There are only so many TCP connections, and those of this machine have no other limit") {
  EventLoop::Config config;
  config.tcp = {.connections = 3, .connections_per_address = 1};
  Echo echo(config);
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 5; ++i) clients.emplace_back(SOCK_STREAM, at("127.0.0.1", echo.loop.port()));
  while (echo.loop.drops()[DropReason::tcp_too_many_connections] < 2) echo.loop.wait(Clock().now() + seconds(1));
  CHECK(clients[3].receive().empty());
  CHECK(clients[4].receive().empty());
  for (int i = 0; i < 3; ++i) {
    clients[i].send(framed(stun("still here")));
    echo.turn(1);
    CHECK(clients[i].receive() == framed(stun("still here")));
  }
}

TEST_CASE("A TCP client that does not read loses whole frames, and its stream stays readable") {
  Echo echo;
  LoopbackClient client(SOCK_STREAM, at("127.0.0.1", echo.loop.port()));
  client.send(framed(stun("")));
  echo.turn(1);
  const Path path = echo.paths.front();
  const std::string payload(1000, 'p');
  while (echo.loop.drops()[DropReason::send_queue_full] < 10) {
    DatagramBatch batch;
    for (int i = 0; i < 100; ++i) batch.add(path, as_bytes(payload));
    echo.loop.send(batch);
  }
  FrameReader reader(2048);
  std::size_t frames = 0;
  while (true) {
    for (int i = 0; i < 4; ++i) echo.loop.wait(Time{});
    const MutableBytes space = reader.space();
    const ssize_t size = ::recv(client.descriptor(), space.data(), space.size(), MSG_DONTWAIT);
    if (size <= 0) break;
    reader.filled(static_cast<std::size_t>(size));
    while (const auto frame = reader.next()) {
      REQUIRE((frame->size() == 1000 || frames == 0));
      ++frames;
    }
    REQUIRE_FALSE(reader.broken());
  }
  CHECK(frames > 200);
}

TEST_CASE("A closed TCP connection is reported, and sending to it is counted") {
  Echo echo;
  {
    LoopbackClient client(SOCK_STREAM, at("127.0.0.1", echo.loop.port()));
    client.send(framed(stun("bye")));
    echo.turn(1);
  }
  echo.turn_until_closed();
  CHECK(echo.closed == echo.paths);
  DatagramBatch batch;
  batch.add(echo.paths.front(), as_bytes("too late"));
  echo.loop.send(batch);
  CHECK(echo.loop.drops()[DropReason::send_no_path] == 1);
}

TEST_CASE("The loop wakes up at the time it was asked for, and not before") {
  Echo echo;
  const Time start = Clock().now();
  echo.loop.wait(start + milliseconds(30));
  const Duration slept = Clock().now() - start;
  CHECK(slept >= milliseconds(29));
  CHECK(slept < seconds(2));
}

TEST_CASE("A port that is taken is an error that says what to do") {
  Echo echo;
  EventLoop::Config config;
  config.port = echo.loop.port();
  CHECK_THROWS_WITH(EventLoop(config, std::nullopt), Catch::Contains("is already in use") && Catch::Contains("--media-port"));
}

TEST_CASE("Messages from the front arrive, answers go back, and the end of the front is noticed") {
  auto [front, worker] = Mailbox::pair();
  EventLoop loop({}, std::move(worker));
  REQUIRE(front.send("command"));
  CHECK(loop.wait(never).messages == std::vector<std::string>{"command"});
  loop.post("event");
  std::vector<std::string> events;
  REQUIRE(front.receive(events));
  CHECK(events == std::vector<std::string>{"event"});
  { const Mailbox gone = std::move(front); }
  CHECK(loop.wait(never).front_gone);
}
