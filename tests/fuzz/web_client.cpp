// What a server answers to the load tester: HTTP replies, WebSocket frames, Location headers, and the words of each dialect.

#include <cstdint>
#include <string>
#include <vector>

#include "loadtest/signaling_janus.hpp"
#include "loadtest/signaling_parley.hpp"
#include "loadtest/signaling_whip.hpp"
#include "sfu/net/http_reply.hpp"
#include "sfu/net/process_usage.hpp"
#include "sfu/net/web_socket_frame.hpp"
#include "sfu/net/web_url.hpp"

namespace {

using namespace parley;
using namespace parley::net;

/// A reply comes out the same whether it arrives at once or byte by byte.
void read_reply(std::string_view text) {
  HttpReplyReader whole, pieces;
  whole.add(text);
  const auto one = whole.take(false);
  std::optional<HttpReply> other;
  for (std::size_t i = 0; i < text.size() && !other && !pieces.broken(); ++i) {
    pieces.add(text.substr(i, 1));
    other = pieces.take(false);
  }
  if (one && (!other || one->status != other->status || one->body != other->body)) __builtin_trap();
}

void hear(loadtest::Signaling& signaling, const std::string& text) {
  loadtest::SignalingOutput out;
  signaling.receive(Time{}, loadtest::SocketText{text}, out);
  signaling.receive(Time{}, loadtest::CallReply{1, 201, {{"location", text}}, text}, out);
  signaling.leave(Time{}, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(as_text(Bytes(data, size)));
  read_reply(text);
  WebSocketReader frames;
  frames.add(text);
  while (frames.take()) {
  }
  if (const auto url = parse_web_url(text);
      url && !parse_web_url((url->secure ? "wss://" : "ws://") + url->authority() + url->path))
    __builtin_trap();
  parse_process_stat(text);
  const loadtest::Visitor visitor{.room = "r", .identity = "i", .token = "t", .publishes = true, .watches = true};
  loadtest::ParleySignaling parley("ws://host/", visitor);
  loadtest::WhipSignaling whip("http://host/whip/r", visitor);
  loadtest::JanusSignaling janus("ws://host/", 1, visitor);
  hear(parley, text);
  hear(whip, text);
  hear(janus, text);
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  std::vector<std::vector<std::uint8_t>> all;
  for (const std::string_view text :
       {"HTTP/1.1 201 Created\r\nLocation: /whip/r/1\r\nContent-Length: 3\r\n\r\nv=0",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "\x01\x03Hel\x89\x01p\x80\x02lo", "wss://[2001:db8::1]:8443/signal?a=b",
        "17 (a) S 3 17 17 0 -1 4194560 1 0 0 0 250 50 7 7 20 0 1 0 99 1000000 1234 0",
        R"({"type": "offer", "revision": 2, "sdp": "o", "replace": true, "tracks": [{"mid": "4", "track": "t17"}]})",
        R"({"type": "error", "id": 0, "code": "token_expired", "message": "Too late."})",
        R"({"janus": "success", "transaction": "receiver", "data": {"id": 8}})",
        R"({"janus": "event", "transaction": "feeds", "jsep": {"type": "offer", "sdp": "o"}, "plugindata": {"data":
              {"videoroom": "attached", "publishers": [{"id": 71}], "streams": [{"mid": "0", "feed_id": 70, "feed_mid": "1"}]}}})"}) {
    const auto bytes = parley::as_bytes(text);
    all.emplace_back(bytes.begin(), bytes.end());
  }
  return all;
}
