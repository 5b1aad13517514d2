#pragma once
// One HTTP request of the web server and the answer to it, without its socket.

#include <string_view>

#include "sfu/net/web_message.hpp"

namespace parley::net {

class WebExchange {
 public:
  /// What is to be done after the head of the request has been read.
  enum class Next { read_body, deliver, refuse };

  WebExchange(WebRequest head, std::size_t body_limit);

  Next next() const { return next_; }
  void add_body(std::string_view piece);
  /// Gives the request out; false when that was done already (or it is refused).
  bool take_request(WebRequest& request);
  /// The first answer counts, others are ignored.
  bool respond(const WebResponse& response);
  /// Up to `size` bytes of the answer, which are then gone.
  std::string_view next_piece(std::size_t size);

  /// All of the answer has been taken.
  bool finished() const { return answered_ && sent_ == answer_.size(); }
  bool answered() const { return answered_; }
  /// It was given out and nobody has answered yet.
  bool waits_for_answer() const { return delivered_ && !answered_; }
  /// The body was not read, so nothing can follow on this connection.
  bool ends_connection() const { return ends_connection_; }

 private:
  WebRequest request_;
  std::size_t body_limit_;
  bool head_only_;
  bool ends_connection_ = false;
  Next next_;
  bool delivered_ = false;
  bool answered_ = false;
  std::string answer_;
  std::size_t sent_ = 0;
};

}  // namespace parley::net
