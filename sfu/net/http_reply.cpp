#include "sfu/net/http_reply.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace parley::net {
namespace {

constexpr std::string_view line_end = "\r\n";

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  const auto end = text.find_last_not_of(" \t");
  return end == text.npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

std::optional<std::size_t> parse_size(std::string_view text, int base) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size, base);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return size;
}

}  // namespace

std::string_view HttpReply::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<HttpReply> HttpReplyReader::take(bool ended) {
  if (input_.size() > limit) broken_ = true;
  if (broken_) return std::nullopt;
  while (!reply_) {
    if (!read_head()) return std::nullopt;
    // RFC 9110 section 15.2: an interim response is followed by the real one.
    if (reply_->status >= 100 && reply_->status < 200 && reply_->status != 101) reply_.reset();
  }
  if (reply_->status != 204 && reply_->status != 304 && has_body_ && !read_body(ended)) return std::nullopt;
  return std::exchange(reply_, std::nullopt);
}

bool HttpReplyReader::read_head() {
  const auto end = input_.find("\r\n\r\n");
  if (end == input_.npos) return false;
  const std::string head = input_.substr(0, end + line_end.size());
  input_.erase(0, end + 2 * line_end.size());
  const auto status =
      head.size() >= 12 && head.starts_with("HTTP/1.") ? parse_size(std::string_view(head).substr(9, 3), 10) : std::nullopt;
  if (!status) return broken_ = true, false;
  reply_.emplace();
  reply_->status = static_cast<int>(*status);
  for (std::size_t begin = head.find(line_end) + line_end.size(); begin < head.size();) {
    const auto stop = head.find(line_end, begin);
    const std::string_view line = std::string_view(head).substr(begin, stop - begin);
    if (const auto colon = line.find(':'); colon != line.npos)
      reply_->headers[lower(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
    begin = stop + line_end.size();
  }
  return true;
}

bool HttpReplyReader::read_body(bool ended) {
  if (lower(reply_->header("transfer-encoding")) == "chunked") return read_chunks();
  const auto size = parse_size(reply_->header("content-length"), 10);
  if (!size && !ended) return false;
  if (size && *size > limit) return broken_ = true, false;
  if (size && input_.size() < *size) return false;
  const std::size_t length = size.value_or(input_.size());
  reply_->body = input_.substr(0, length);
  input_.erase(0, length);
  return true;
}

/// RFC 9112 section 7.1; trailers are not expected.
bool HttpReplyReader::read_chunks() {
  for (;;) {
    const auto end = input_.find(line_end);
    if (end == input_.npos) return false;
    const auto size = parse_size(std::string_view(input_).substr(0, end), 16);
    if (!size || *size > limit || reply_->body.size() > limit) return broken_ = true, false;
    const std::size_t whole = end + line_end.size() + *size + line_end.size();
    if (input_.size() < whole) return false;
    reply_->body.append(input_, end + line_end.size(), *size);
    input_.erase(0, whole);
    if (*size == 0) return true;
  }
}

}  // namespace parley::net
