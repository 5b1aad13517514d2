#include "sfu/net/web_exchange.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "sfu/net/http_text.hpp"

namespace parley::net {

WebExchange::WebExchange(WebRequest head, std::size_t body_limit)
    : request_(std::move(head)), body_limit_(body_limit), head_only_(request_.method == "HEAD") {
  const auto length = request_.headers.find("content-length");
  const auto size = length == request_.headers.end() ? 0 : std::strtoull(length->second.c_str(), nullptr, 10);
  request_.body_length_known = !request_.headers.contains("transfer-encoding");
  if (!request_.body_length_known || request_.method.empty()) {
    next_ = Next::deliver;
    ends_connection_ = true;
  } else if (size > body_limit_) {
    next_ = Next::refuse;
    ends_connection_ = delivered_ = true;
    respond({413, {}, {}});
  } else {
    next_ = size > 0 ? Next::read_body : Next::deliver;
  }
}

void WebExchange::add_body(std::string_view piece) {
  if (!delivered_) request_.body += piece.substr(0, body_limit_ - std::min(request_.body.size(), body_limit_));
}

bool WebExchange::take_request(WebRequest& request) {
  if (std::exchange(delivered_, true)) return false;
  request = std::move(request_);
  return true;
}

bool WebExchange::respond(const WebResponse& response) {
  if (std::exchange(answered_, true)) return false;
  answer_ = response_head(response, ends_connection_);
  if (!head_only_) answer_ += response.body;
  return true;
}

std::string_view WebExchange::next_piece(std::size_t size) {
  const std::string_view piece = std::string_view(answer_).substr(sent_, size);
  sent_ += piece.size();
  return piece;
}

}  // namespace parley::net
