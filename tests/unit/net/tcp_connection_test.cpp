#include "sfu/net/tcp_connection.hpp"

#include "tests/unit/net/loopback.hpp"

using namespace parley;
using namespace parley::net;

TEST_CASE("A TCP connection that says nothing expires after 5 s, one that has spoken after a minute of silence") {
  TcpListener listener(*Address::parse("127.0.0.1", 0), "--media-port");
  LoopbackClient client(SOCK_STREAM, *Address::parse("127.0.0.1", listener.port()));
  const Time start{hours(1)};
  TcpConnection connection(start, *listener.accept());
  CHECK(connection.expiry() == start + seconds(5));
  std::string check("\x00\x14\x00\x01\x00\x00\x21\x12\xA4\x42", 10);
  client.send(check + std::string(12, 't'));
  std::vector<Datagram> datagrams;
  Drops drops;
  while (datagrams.empty()) REQUIRE(connection.receive(start + seconds(2), datagrams, drops));
  CHECK(connection.expiry() == start + seconds(62));
}
