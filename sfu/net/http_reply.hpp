#pragma once
// An HTTP/1.1 response as a client reads it (RFC 9112): head, then a body of Content-Length, in chunks, or up to the end of the
// connection. Pure: bytes in, a value out.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace parley::net {

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  ///< lower-case names; the last one of a name
  std::string body;
  std::string_view header(std::string_view name) const;
};

class HttpReplyReader {
 public:
  /// Head and body together: an SDP answer of a large room with room to spare.
  static constexpr std::size_t limit = 4 << 20;

  /// `has_body`: false for a reply that ends with its head (HEAD, and 101 which changes the protocol).
  explicit HttpReplyReader(bool has_body = true) : has_body_(has_body) {}

  void add(std::string_view piece) { input_ += piece; }
  /// The reply, once it is whole. `ended`: nothing more will come.
  std::optional<HttpReply> take(bool ended);
  /// It is no HTTP response, or too large.
  bool broken() const { return broken_; }
  /// What came behind the reply: the first bytes of another protocol.
  std::string rest() { return std::move(input_); }

 private:
  bool read_head();
  bool read_body(bool ended);
  bool read_chunks();

  bool has_body_;
  bool broken_ = false;
  std::string input_;
  std::optional<HttpReply> reply_;  ///< whose head has been read
};

}  // namespace parley::net
