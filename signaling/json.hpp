#pragma once
// The JSON dialect of PROTOCOL.md: text to Request, Message to text. It only translates; what a request does is the Hub's.

#include <string>
#include <string_view>

#include "sfu/base/result.hpp"
#include "signaling/protocol.hpp"

namespace parley::signaling::json {

/// The subprotocol of the WebSocket.
inline constexpr std::string_view subprotocol = "parley.1";
/// A join's attributes are the deepest that there is: three levels. More is somebody who tries our stack.
inline constexpr int depth_limit = 8;

/// A request that could not be read, with the mark of its reply as far as there was one.
struct Unreadable {
  std::string mark;
  Error error;  ///< "message_too_large", "message_invalid"
};

/// `limit`: bytes.
std::variant<RequestMessage, Unreadable> parse(std::string_view text, std::size_t limit);

std::string write(const std::string& mark, const Message& message);

}  // namespace parley::signaling::json
