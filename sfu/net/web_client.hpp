#pragma once
// One WebSocket client of the web server, without its socket: the message that is arriving, those that wait to be sent, and
// how it is to end.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace parley::net {

class WebClient {
 public:
  struct Closing {
    std::uint16_t code = 0;  ///< RFC 6455 section 7.4
    std::string reason;
  };

  /// A piece of a message. With the last one: the message, cut off behind the first byte beyond `limit`.
  std::optional<std::string> receive(std::string_view piece, bool last, std::size_t limit);
  /// Queues a message. False when more than `limit` bytes would wait.
  bool push(std::string message, std::size_t limit);
  /// The oldest message that waits.
  std::optional<std::string> pop();
  /// To be closed, once everything pushed has gone out. Only the first call counts.
  void close(std::uint16_t code, std::string_view reason);
  /// What waits is not wanted any more.
  void drop_output() { output_.clear(); }

  bool has_output() const { return !output_.empty(); }
  const std::optional<Closing>& closing() const { return closing_; }

 private:
  std::string input_;
  std::deque<std::string> output_;
  std::size_t output_size_ = 0;
  std::optional<Closing> closing_;
};

}  // namespace parley::net
