#include "sfu/net/web_client.hpp"

#include <algorithm>
#include <utility>

namespace parley::net {

std::optional<std::string> WebClient::receive(std::string_view piece, bool last, std::size_t limit) {
  input_ += piece.substr(0, limit + 1 - std::min(input_.size(), limit + 1));
  if (!last) return std::nullopt;
  return std::exchange(input_, {});
}

bool WebClient::push(std::string message, std::size_t limit) {
  if (output_size_ + message.size() > limit) return false;
  output_size_ += message.size();
  output_.push_back(std::move(message));
  return true;
}

std::optional<std::string> WebClient::pop() {
  if (output_.empty()) return std::nullopt;
  std::string message = std::move(output_.front());
  output_.pop_front();
  output_size_ -= message.size();
  return message;
}

void WebClient::close(std::uint16_t code, std::string_view reason) {
  if (!closing_) closing_ = Closing{code, std::string(reason)};
}

}  // namespace parley::net
