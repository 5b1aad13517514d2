// The client's half of HTTP and WebSockets as text: URLs, replies, frames. Whole or in pieces, right or wrong.
#include <catch2/catch.hpp>

#include "sfu/net/http_reply.hpp"
#include "sfu/net/process_usage.hpp"
#include "sfu/net/web_socket_frame.hpp"
#include "sfu/net/web_url.hpp"

using namespace parley;
using namespace parley::net;

namespace {

/// Feeds the text in pieces of `size` bytes; the first reply, if any.
std::optional<HttpReply> read_in_pieces(const std::string& text, std::size_t size, bool ended = false) {
  HttpReplyReader reader;
  for (std::size_t i = 0; i < text.size(); i += size) {
    reader.add(text.substr(i, size));
    if (auto reply = reader.take(false)) return reply;
  }
  return ended ? reader.take(true) : std::nullopt;
}

/// A frame as a server writes it: without a mask.
std::string server_frame(std::uint8_t first, const std::string& payload) {
  std::string frame{static_cast<char>(first)};
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else {
    frame += "\x7E";
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xFF);
  }
  return frame + payload;
}

}  // namespace

TEST_CASE("A URL is taken apart, with the port that its scheme implies") {
  CHECK(parse_web_url("ws://127.0.0.1:8080/signal?a=b") == WebUrl{false, "127.0.0.1", 8080, "/signal?a=b"});
  CHECK(parse_web_url("https://sfu.example.org") == WebUrl{true, "sfu.example.org", 443, "/"});
  CHECK(parse_web_url("http://[::1]:81?x") == WebUrl{false, "::1", 81, "/?x"});
  CHECK(parse_web_url("wss://[2001:db8::1]/")->authority() == "[2001:db8::1]");
  CHECK(parse_web_url("http://host:81/")->authority() == "host:81");
  for (const char* wrong : {"", "ftp://host/", "host:80", "http://", "http://host:0/", "http://host:65536/", "http://host:8x/",
                            "http://[::1", "http://a b/", "http://host/\r\nX: y", "ws://:80/"}) {
    INFO(wrong);
    CHECK_FALSE(parse_web_url(wrong));
  }
}

TEST_CASE("A reply is read whatever pieces it comes in") {
  const std::string sized = "HTTP/1.1 201 Created\r\nLocation:  /whip/1 \r\nCONTENT-LENGTH: 5\r\n\r\nv=0\r\n";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n";
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
  for (std::size_t size = 1; size < 80; ++size) {
    const auto reply = read_in_pieces(sized, size);
    REQUIRE(reply);
    CHECK(reply->status == 201);
    CHECK(reply->header("location") == "/whip/1");
    CHECK(reply->body == "v=0\r\n");
    CHECK(read_in_pieces(chunked, size)->body == "abc0123456789");
    CHECK(read_in_pieces(interim, size)->status == 204);
  }
}

TEST_CASE("A reply without a length ends with its connection, and one that is cut off is none") {
  CHECK(read_in_pieces("HTTP/1.0 200 OK\r\n\r\nall of it", 3, true)->body == "all of it");
  CHECK_FALSE(read_in_pieces("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour", 3, true));
}

TEST_CASE("What is no reply, or has no end, is given up") {
  for (const std::string& wrong :
       {std::string("SSH-2.0-OpenSSH\r\n\r\n"), std::string("HTTP/1.1 2x0 OK\r\n\r\n").replace(9, 3, "xyz"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string(HttpReplyReader::limit + 1, 'x')}) {
    HttpReplyReader reader;
    reader.add(wrong);
    CHECK_FALSE(reader.take(false));
    CHECK(reader.broken());
  }
}

TEST_CASE("What follows the upgrade belongs to the WebSocket") {
  HttpReplyReader reader(false);
  reader.add("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi");
  CHECK(reader.take(false)->status == 101);
  CHECK(reader.rest() == "\x81\x02hi");
}

TEST_CASE("A client's frames are masked and of every length that there is") {
  Random random = Random::from_number(1);
  for (const std::size_t size : {0u, 125u, 126u, 65535u, 65536u}) {
    const std::string payload(size, 'p');
    const std::string frame = write_client_frame(WebSocketOpcode::text, payload, random);
    const std::size_t head = size < 126 ? 2 : size < 65536 ? 4 : 10;
    REQUIRE(frame.size() == head + 4 + size);
    CHECK(static_cast<std::uint8_t>(frame[0]) == 0x81);
    CHECK((static_cast<std::uint8_t>(frame[1]) & 0x80) != 0);
    for (std::size_t i = 0; i < size; ++i)
      if ((frame[head + 4 + i] ^ frame[head + i % 4]) != 'p') FAIL(i);
  }
}

TEST_CASE("Messages are put together from fragments and pieces, with control frames in between") {
  const std::string text = server_frame(0x01, "Hel") + server_frame(0x89, "ping") + server_frame(0x80, std::string(300, 'l'));
  for (std::size_t size = 1; size < 50; ++size) {
    WebSocketReader reader;
    std::vector<WebSocketMessage> messages;
    for (std::size_t i = 0; i < text.size(); i += size) {
      reader.add(text.substr(i, size));
      while (auto message = reader.take()) messages.push_back(*message);
    }
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].opcode == WebSocketOpcode::ping);
    CHECK(messages[0].payload == "ping");
    CHECK(messages[1].opcode == WebSocketOpcode::text);
    CHECK(messages[1].payload == "Hel" + std::string(300, 'l'));
  }
}

TEST_CASE("A server that breaks the framing is given up") {
  for (const std::string& wrong : {server_frame(0x80, "continues nothing"), server_frame(0x01, "a") + server_frame(0x81, "b"),
                                   server_frame(0xC1, "compressed"), std::string("\x81\x85masked"),
                                   std::string("\x81\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F", 10)}) {
    WebSocketReader reader;
    reader.add(wrong);
    while (reader.take()) {
    }
    CHECK(reader.broken());
  }
}

TEST_CASE("The usage of a process is read behind its name, whatever the name is") {
  const auto stat =
      parse_process_stat("17 (a ) b (c) S 3 17 17 0 -1 4194560 1 0 0 0 250 50 7 7 20 0 1 0 99 1000000 1234 18446744073709551615");
  REQUIRE(stat);
  CHECK(stat->parent == 3);
  CHECK(stat->ticks == 300);
  CHECK(stat->pages == 1234);
  CHECK_FALSE(parse_process_stat("17 (cut off) S 3"));
  CHECK_FALSE(parse_process_stat(""));
}
