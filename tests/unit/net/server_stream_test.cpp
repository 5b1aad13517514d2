// A stream that never blocks, and never holds more for a slow reader than its limit.

#include "sfu/net/server_stream.hpp"

#include <poll.h>

#include "sfu/net/tcp_listener.hpp"
#include "tests/unit/net/loopback.hpp"

namespace parley::net {
namespace {

struct Connected {
  TcpListener listener{*Address::parse("127.0.0.1", 0), "--test"};
  LoopbackClient client{SOCK_STREAM, *Address::parse("127.0.0.1", listener.port())};
  ServerStream stream{accept(), nullptr};

  FileDescriptor accept() {
    pollfd ready{listener.descriptor(), POLLIN, 0};
    REQUIRE(::poll(&ready, 1, 2000) == 1);
    return std::move(listener.accept()->descriptor);
  }
  bool readable() const {
    pollfd ready{stream.descriptor(), POLLIN, 0};
    return ::poll(&ready, 1, 2000) == 1;
  }
};

}  // namespace

TEST_CASE("a stream carries bytes both ways, and its end is seen") {
  auto one = std::make_unique<Connected>();
  std::array<std::uint8_t, 64> space{};
  CHECK(one->stream.read(space) == 0);
  CHECK_FALSE(one->stream.ended());
  one->client.send("hello");
  REQUIRE(one->readable());
  CHECK(one->stream.read(space) == 5);
  CHECK(one->stream.push(as_bytes("he"), as_bytes("ll"), as_bytes("o")));
  one->stream.flush();
  CHECK(one->client.receive() == "hello");
  ::shutdown(one->client.descriptor(), SHUT_RDWR);
  REQUIRE(one->readable());
  CHECK(one->stream.read(space) == 0);
  CHECK(one->stream.ended());
}

TEST_CASE("for a reader that does not read, messages are dropped whole beyond a limit, and the stream stays in step") {
  Connected one;
  const Buffer message(10'000, 'x');
  std::size_t accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    accepted += one.stream.push({}, message, {});
    one.stream.flush();
    CHECK(one.stream.waiting() <= ServerStream::output_limit);
  }
  CHECK(accepted < 2000);
  CHECK(one.stream.wants_output());
  std::size_t received = 0;
  while (received < accepted * message.size()) {
    received += one.client.receive().size();
    one.stream.flush();
  }
  CHECK(received == accepted * message.size());
  CHECK_FALSE(one.stream.wants_output());
}

}  // namespace parley::net
