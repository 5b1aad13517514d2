#pragma once
// The frames of a WebSocket as a client writes and reads them (RFC 6455 section 5). Text messages only; extensions are not
// negotiated. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sfu/base/random.hpp"

namespace parley::net {

enum class WebSocketOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// A whole frame, masked with a key from `random` (a client masks, section 5.3).
std::string write_client_frame(WebSocketOpcode opcode, std::string_view payload, Random& random);

struct WebSocketMessage {
  WebSocketOpcode opcode = WebSocketOpcode::text;  ///< of the message; never continuation
  std::string payload;
};

/// Puts what a server sends together again: fragments become one message, control frames come in between.
class WebSocketReader {
 public:
  /// Of one message: more than a server of ours ever sends.
  static constexpr std::size_t limit = 16 << 20;

  void add(std::string_view piece) { input_ += piece; }
  std::optional<WebSocketMessage> take();
  /// The server breaks the protocol, or a message is too large.
  bool broken() const { return broken_; }

 private:
  struct Frame {
    bool last = true;
    WebSocketOpcode opcode{};
    std::string payload;
  };
  std::optional<Frame> take_frame();

  std::string input_;
  std::size_t read_ = 0;  ///< of input_; removed when all has been read
  std::optional<WebSocketMessage> partial_;
  bool broken_ = false;
};

}  // namespace parley::net
