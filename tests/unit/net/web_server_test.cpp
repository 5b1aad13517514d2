// The web server with clients that write HTTP and WebSocket frames by hand: so that a test sees exactly what is on the wire.
#include "sfu/net/web_server.hpp"

#include <fcntl.h>

#include <algorithm>

#include "tests/unit/net/loopback.hpp"

using namespace parley;
using namespace parley::net;

namespace {

constexpr std::string_view upgrade =
    "GET /signal HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: parley.1\r\n\r\n";

/// A masked frame of a client (RFC 6455 section 5.2). The mask is zero, so the text stays readable.
std::string frame(std::string_view text, std::uint8_t opcode = 1, bool last = true) {
  std::string result{static_cast<char>((last ? 0x80 : 0) | opcode)};
  if (text.size() < 126) {
    result += static_cast<char>(0x80 | text.size());
  } else {
    result += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) result += static_cast<char>(text.size() >> shift);
  }
  return result + std::string(4, '\0') + std::string(text);
}

struct Fixture {
  explicit Fixture(WebServerConfig config = {}) : server(with_port(std::move(config))) {}
  static WebServerConfig with_port(WebServerConfig config) {
    config.http = *Address::parse("127.0.0.1", 0);
    return config;
  }

  LoopbackClient connect() { return LoopbackClient(SOCK_STREAM, *Address::parse("127.0.0.1", server.port(WebPort::http))); }
  LoopbackClient connect_socket() {
    LoopbackClient client = connect();
    client.send(upgrade);
    read_until(client, [](const std::string& text) { return text.find("\r\n\r\n") != text.npos; });
    return client;
  }

  template <typename Condition>
  void turn_until(Condition condition) {
    const Time deadline = server.clock().now() + seconds(5);
    while (!condition() && server.clock().now() < deadline) {
      const WebTurn& turn = server.wait(std::min(deadline, server.clock().now() + milliseconds(10)));
      events.insert(events.end(), turn.events.begin(), turn.events.end());
    }
  }
  template <typename Event>
  const Event* find() const {
    for (const WebEvent& event : events)
      if (const auto* found = std::get_if<Event>(&event)) return found;
    return nullptr;
  }
  template <typename Event>
  const Event& expect() {
    turn_until([&] { return find<Event>() != nullptr; });
    REQUIRE(find<Event>());
    return *find<Event>();
  }
  template <typename Condition>
  std::string read_until(LoopbackClient& client, Condition condition) {
    std::string text;
    turn_until([&] {
      std::string piece(65536, '\0');
      const ssize_t size = ::recv(client.descriptor(), piece.data(), piece.size(), MSG_DONTWAIT);
      ended = size == 0;
      if (size > 0) text.append(piece, 0, static_cast<std::size_t>(size));
      return ended || condition(text);
    });
    return text;
  }
  std::string read_until_end(LoopbackClient& client) {
    return read_until(client, [](const std::string&) { return false; });
  }
  std::string read_response(LoopbackClient& client, std::size_t body) {
    return read_until(client, [&](const std::string& text) {
      const auto head = text.find("\r\n\r\n");
      return head != text.npos && text.size() >= head + 4 + body;
    });
  }

  WebServer server;
  std::vector<WebEvent> events;
  bool ended = false;
};

}  // namespace

TEST_CASE("A wait whose end is there already, or nearly, comes back without anything having happened") {
  Fixture fixture;
  const Time begin = fixture.server.clock().now();
  for (int i = 0; i < 50; ++i) {
    fixture.server.wait(begin);
    fixture.server.wait(fixture.server.clock().now() + microseconds(1));
  }
  CHECK(fixture.server.clock().now() - begin < seconds(20));  // each forgotten alarm would cost some 25 s
}

TEST_CASE("A request arrives with its method, path, query, headers and body, and its answer goes back") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  client.send(
      "POST /whep/te%20a?participant=Ada%20%26%20Bob&x=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n"
      "Content-Type: application/sdp\r\nIf-Match: \"tag\"\r\nContent-Length: 10\r\n\r\nv=0\r\n");
  client.send("o=-\r\n");
  const WebRequest request = fixture.expect<WebRequest>();
  CHECK(request.method == "POST");
  CHECK(request.path == "/whep/te%20a");
  CHECK(request.query == "participant=Ada%20%26%20Bob&x=1");
  CHECK(request.headers.at("authorization") == "Bearer secret");
  CHECK(request.headers.at("content-type") == "application/sdp");
  CHECK(request.headers.at("if-match") == "\"tag\"");
  CHECK(request.body == "v=0\r\no=-\r\n");
  CHECK(request.body_length_known);
  CHECK(request.remote == client.local());

  fixture.server.respond(request.ticket, {201, {{"Location", "/whep/1"}, {"ETag", "\"e\""}}, "answer"});
  const std::string response = fixture.read_response(client, 6);
  CHECK(response == "HTTP/1.1 201 Created\r\nLocation: /whep/1\r\nETag: \"e\"\r\nContent-Length: 6\r\n\r\nanswer");
}

TEST_CASE("The port for metrics tells its requests apart, and opens no WebSockets") {
  WebServerConfig config;
  config.metrics = *Address::parse("127.0.0.1", 0);
  Fixture fixture(config);
  REQUIRE(fixture.server.port(WebPort::metrics) != fixture.server.port(WebPort::http));
  const auto address = *Address::parse("127.0.0.1", fixture.server.port(WebPort::metrics));

  for (const std::string host : {"localhost", "--http", "--metrics", "poller"}) {
    CAPTURE(host);
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    LoopbackClient anybody = fixture.connect();
    fixture.events.clear();
    anybody.send(request);
    CHECK_FALSE(fixture.expect<WebRequest>().to_metrics_port);
    LoopbackClient operators(SOCK_STREAM, address);
    fixture.events.clear();
    operators.send(request);
    CHECK(fixture.expect<WebRequest>().to_metrics_port);
  }

  LoopbackClient socket(SOCK_STREAM, address);
  socket.send(upgrade);
  CHECK(fixture.read_until_end(socket).find(" 101 ") == std::string::npos);
  CHECK(fixture.find<WebClientOpened>() == nullptr);
}

TEST_CASE("What a reverse proxy adds arrives, however it is spelled") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  client.send(
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.7\r\n"
      "Via: 1.1 proxy\r\nX-Real-IP: 192.0.2.7\r\n\r\n");
  const WebRequest proxied = fixture.expect<WebRequest>();
  CHECK(proxied.headers.at("x-forwarded-for") == "192.0.2.7");
  CHECK(proxied.headers.at("forwarded") == "for=192.0.2.7");
  CHECK(proxied.headers.at("via") == "1.1 proxy");
  CHECK(proxied.headers.at("x-real-ip") == "192.0.2.7");

  for (const std::string spelled : {"forwarded:for=a", "FORWARDED: for=a", "x-forwarded-for:a", "X-FORWARDED-FOR: a",
                                    "Forwarded:\r\nForwarded: for=a", "X-Forwarded-For:\r\nX-Forwarded-For: a"}) {
    CAPTURE(spelled);
    LoopbackClient another = fixture.connect();
    fixture.events.clear();
    another.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n" + spelled + "\r\n\r\n");
    const WebRequest request = fixture.expect<WebRequest>();
    CHECK(request.headers.count("forwarded") + request.headers.count("x-forwarded-for") == 1);
  }

  fixture.events.clear();
  LoopbackClient hiding = fixture.connect();  // libwebsockets takes the line behind X-A for a part of it
  hiding.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\nX-Forwarded-For: a\r\nX-Forwarded-Host: b\r\n\r\n");
  CHECK(fixture.expect<WebRequest>().headers.count("x-forwarded-host") == 1);

  fixture.events.clear();
  LoopbackClient direct = fixture.connect();
  direct.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(fixture.expect<WebRequest>().headers.size() == 1);
}

TEST_CASE("Every method of WHIP arrives, one after the other on one connection") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  for (const std::string method : {"GET", "OPTIONS", "PATCH", "DELETE", "HEAD", "PUT", "POST"}) {
    fixture.events.clear();
    client.send(method + " /whip/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    const WebRequest request = fixture.expect<WebRequest>();
    CHECK(request.method == method);
    fixture.server.respond(request.ticket, {200, {}, "body"});
    const std::string response = fixture.read_response(client, method == "HEAD" ? 0 : 4);
    CHECK(response == std::string("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n") + (method == "HEAD" ? "" : "body"));
  }
}

TEST_CASE("A response larger than any buffer arrives whole") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  client.send("GET /assets/big.js HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::string body(3000000, 'x');
  for (std::size_t i = 0; i < body.size(); i += 1000) body[i] = static_cast<char>('a' + i / 1000 % 26);
  fixture.server.respond(fixture.expect<WebRequest>().ticket, {200, {}, body});
  const std::string response = fixture.read_response(client, body.size());
  CHECK(response.substr(response.find("\r\n\r\n") + 4) == body);
}

TEST_CASE("A chunked body is not read: the request says so, and the connection ends with the answer") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  client.send("POST /whip/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  const WebRequest request = fixture.expect<WebRequest>();
  CHECK_FALSE(request.body_length_known);
  fixture.server.respond(request.ticket, {411, {}, ""});
  CHECK(fixture.read_until_end(client).starts_with("HTTP/1.1 411 Length Required\r\n"));
  CHECK(fixture.ended);
}

TEST_CASE("A body beyond the limit is refused before it is read") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  client.send("POST /whip/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\nxxx");
  CHECK(fixture.read_until_end(client).starts_with("HTTP/1.1 413 Content Too Large\r\n"));
  CHECK(fixture.find<WebRequest>() == nullptr);
  CHECK(fixture.server.counters().messages_too_large == 1);
}

TEST_CASE("A request whose sender hangs up is abandoned, and a late answer goes nowhere") {
  Fixture fixture;
  {
    LoopbackClient client = fixture.connect();
    client.send("GET /whip/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    fixture.expect<WebRequest>();
    const linger reset{1, 0};
    ::setsockopt(client.descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  const WebTicket ticket = fixture.expect<WebRequestAbandoned>().ticket;
  CHECK(ticket == fixture.find<WebRequest>()->ticket);
  fixture.server.respond(ticket, {200, {}, "late"});
}

TEST_CASE("A client that sends ahead and does not read does not keep the server busy") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  client.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\nGET /b HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const WebTicket ticket = fixture.expect<WebRequest>().ticket;
  const auto turns_within = [&](Duration span) {
    const Time end = fixture.server.clock().now() + span;
    int turns = 0;
    for (; fixture.server.clock().now() < end; ++turns) fixture.server.wait(end);
    return turns;
  };
  // A hundred turns at most before the server begins to rest, then one in a millisecond; a busy one makes tens of thousands.
  CHECK(turns_within(milliseconds(100)) < 300);
  fixture.server.respond(ticket, {200, {}, std::string(20000000, 'x')});
  CHECK(turns_within(milliseconds(300)) < 2000);
}

TEST_CASE("A WebSocket client opens, talks both ways and closes") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  client.send(upgrade);
  const std::string head = fixture.read_until(client, [](const std::string& text) { return text.find("\r\n\r\n") != text.npos; });
  CHECK(head.find("101 ") != head.npos);
  CHECK(head.find("Sec-WebSocket-Protocol: parley.1") != head.npos);
  const WebClientOpened opened = fixture.expect<WebClientOpened>();
  CHECK(opened.remote == client.local());

  client.send(frame("{\"type\":", 1, false) + frame("\"join\"}", 0, true));
  CHECK(fixture.expect<WebClientMessage>().text == "{\"type\":\"join\"}");

  fixture.server.send(opened.client, "one");
  fixture.server.send(opened.client, "two");
  fixture.server.close(opened.client, 1000, "done");
  const std::string received = fixture.read_until(client, [](const std::string& text) { return text.size() >= 18; });
  CHECK(received == std::string("\x81\x03one\x81\x03two\x88\x06\x03\xE8"
                                "done",
                                18));
  CHECK_FALSE(fixture.server.idle());
  client.send(frame(std::string("\x03\xE8", 2), 8));
  fixture.expect<WebClientClosed>();
  CHECK(fixture.server.idle());
}

TEST_CASE("A large message arrives whole") {
  Fixture fixture;
  LoopbackClient client = fixture.connect_socket();
  const std::string text(200000, 'x');
  client.send(frame(text));
  CHECK(fixture.expect<WebClientMessage>().text == text);
}

TEST_CASE("A message beyond the limit arrives cut off one byte behind it, and takes no more memory than that") {
  WebServerConfig config;
  config.message_limit = 1000;
  Fixture fixture(config);
  LoopbackClient client = fixture.connect_socket();
  client.send(frame(std::string(50000, 'x')));
  CHECK(fixture.expect<WebClientMessage>().text.size() == 1001);
  CHECK(fixture.server.counters().messages_too_large == 1);
}

TEST_CASE("Text that is not UTF-8 ends the connection") {
  Fixture fixture;
  LoopbackClient client = fixture.connect_socket();
  client.send(frame("\xFF\xFE\xFD"));
  CHECK(fixture.read_until(client, [](const std::string& text) { return text.size() >= 4; }).substr(2, 2) == "\x03\xEF");  // 1007
  CHECK(fixture.find<WebClientMessage>() == nullptr);
}

TEST_CASE("A client that does not read is disconnected and counted") {
  WebServerConfig config;
  config.output_limit = 100000;
  Fixture fixture(config);
  LoopbackClient client = fixture.connect_socket();
  const WebClientId id = fixture.expect<WebClientOpened>().client;
  for (int i = 0; i < 200 && fixture.server.counters().slow_clients == 0; ++i) {
    for (int k = 0; k < 20; ++k) fixture.server.send(id, std::string(50000, 'x'));
    fixture.server.wait(Time{});
  }
  CHECK(fixture.server.counters().slow_clients == 1);
  fixture.expect<WebClientClosed>();
}

TEST_CASE("A WebSocket elsewhere than at its path is refused, with the status that says why") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  std::string other(upgrade);
  other.replace(other.find("/signal"), 7, "/other");
  client.send(other);
  CHECK(fixture.read_until_end(client).starts_with("HTTP/1.0 404 "));
  CHECK(fixture.find<WebClientOpened>() == nullptr);
}

TEST_CASE("An upgrade to HTTP/2 is refused") {
  Fixture fixture;
  LoopbackClient client = fixture.connect();
  client.send(
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
      "AAMAAABk\r\n\r\n");
  CHECK(fixture.read_until_end(client).find("101") == std::string::npos);
  CHECK(fixture.ended);
}

TEST_CASE("Garbage instead of HTTP ends that connection and no other") {
  Fixture fixture;
  LoopbackClient good = fixture.connect_socket();
  LoopbackClient bad = fixture.connect();
  bad.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03 a TLS hello on the wrong port\r\n\r\n", 46));
  fixture.read_until_end(bad);
  good.send(frame("still here"));
  CHECK(fixture.expect<WebClientMessage>().text == "still here");
}

TEST_CASE("There are only so many connections, a proxy on this machine has no other limit, and closed ones make place") {
  WebServerConfig config;
  config.connections = 2;
  config.connections_per_address = 1;
  Fixture fixture(config);
  {
    LoopbackClient first = fixture.connect_socket();
    LoopbackClient second = fixture.connect_socket();
    LoopbackClient third = fixture.connect();
    CHECK(fixture.read_until_end(third).empty());
    CHECK(fixture.ended);
    CHECK(fixture.server.counters().too_many_connections == 1);
  }
  fixture.turn_until([&] {
    return std::count_if(fixture.events.begin(), fixture.events.end(),
                         [](const WebEvent& event) { return std::holds_alternative<WebClientClosed>(event); }) == 2;
  });
  fixture.events.clear();
  LoopbackClient again = fixture.connect_socket();
  fixture.expect<WebClientOpened>();
}

TEST_CASE("Descriptors of others are waited for, too, and the wait ends in time") {
  Fixture fixture;
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const FileDescriptor reading(ends[0]);
  const FileDescriptor writing(ends[1]);
  fixture.server.poller().add(reading.get());
  const Time start = fixture.server.clock().now();
  CHECK(fixture.server.wait(start + milliseconds(20)).ready.empty());
  REQUIRE(::write(writing.get(), "x", 1) == 1);
  bool seen = false;
  while (!seen && fixture.server.clock().now() < start + seconds(5)) {
    for (const auto& ready : fixture.server.wait(start + seconds(5)).ready)
      seen = ready.descriptor == reading.get() && ready.readable;
  }
  CHECK(seen);
}

TEST_CASE("A web port that is taken is an error that says what to do") {
  Fixture fixture;
  WebServerConfig config;
  config.http = *Address::parse("127.0.0.1", fixture.server.port(WebPort::http));
  CHECK_THROWS_WITH(WebServer(config), Catch::Contains("is already in use") && Catch::Contains("--http"));
}

TEST_CASE("A certificate that cannot be used is an error that names it") {
  WebServerConfig config;
  config.https = *Address::parse("127.0.0.1", 0);
  config.certificate = "/nowhere/certificate.pem";
  config.key = "/nowhere/key.pem";
  CHECK_THROWS_WITH(WebServer(config), Catch::Contains("/nowhere/certificate.pem"));
}
