#include "sfu/net/web_connector.hpp"

#include "sfu/base/crypto.hpp"

namespace parley::net {
namespace {

std::string request_text(const HttpCall& call) {
  std::string text = call.method + ' ' + call.url.path + " HTTP/1.1\r\nHost: " + call.url.authority() + "\r\n";
  for (const auto& [name, value] : call.headers) text += name + ": " + value + "\r\n";
  if (!call.body.empty() || call.method == "POST" || call.method == "PATCH")
    text += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  return text + "\r\n" + call.body;
}

/// RFC 4648 section 4, of the 16 bytes that a handshake takes.
std::string base64_of_key(Bytes key) {
  std::string text = base64url_encode(key);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  return text + "==";
}

/// RFC 6455 section 4.1. The server's Sec-WebSocket-Accept is not checked: it protects browsers from confused caches.
HttpCall upgrade_request(const WebUrl& url, const std::string& subprotocol, Random& random) {
  std::array<std::uint8_t, 16> key;
  random.fill(key);
  HttpCall call{.method = "GET", .url = url, .headers = {}, .body = {}};
  call.headers = {{"Upgrade", "websocket"},
                  {"Connection", "Upgrade"},
                  {"Sec-WebSocket-Version", "13"},
                  {"Sec-WebSocket-Key", base64_of_key(key)},
                  {"Sec-WebSocket-Protocol", subprotocol}};
  return call;
}

/// RFC 6455 section 5.5.1: a status code of two octets, then perhaps a reason.
std::string close_reason(std::string_view payload) {
  if (payload.size() < 2) return "the server has closed the WebSocket";
  Reader reader(as_bytes(payload));
  const std::string code = std::to_string(reader.u16());
  return "the server has closed the WebSocket with " + code + ' ' + std::string(as_text(reader.rest()));
}

}  // namespace

WebConnector::WebConnector(Poller& poller, bool insecure, Random random)
    : poller_(poller), tls_(insecure), random_(std::move(random)) {}

WebLinkId WebConnector::open(const WebUrl& url, const Address& remote, const Address& local, const std::string& subprotocol) {
  Link link{.stream = ClientStream(remote, local, url.secure ? &tls_ : nullptr, url.host),
            .http = HttpReplyReader(false),
            .frames = {}};
  link.is_socket = true;
  return add(std::move(link), request_text(upgrade_request(url, subprotocol, random_)));
}

WebLinkId WebConnector::call(const HttpCall& call, const Address& remote, const Address& local) {
  HttpCall once = call;
  once.headers.emplace_back("Connection", "close");
  Link link{.stream = ClientStream(remote, local, call.url.secure ? &tls_ : nullptr, call.url.host),
            .http = HttpReplyReader(call.method != "HEAD"),
            .frames = {}};
  return add(std::move(link), request_text(once));
}

WebLinkId WebConnector::add(Link link, std::string_view request) {
  const WebLinkId id{++last_id_};
  link.stream.write(request);
  const auto [added, is_new] = links_.emplace(id, std::move(link));
  ClientStream& stream = added->second.stream;
  if (stream.state() == ClientStream::State::closed) {
    stillborn_.push_back(id);
    return id;
  }
  descriptors_[stream.descriptor()] = id;
  poller_.add(stream.descriptor());
  watch(added->second);
  return id;
}

void WebConnector::watch(Link& link) {
  const bool wanted = link.stream.wants_output();
  if (wanted != link.polled_output) poller_.want_output(link.stream.descriptor(), wanted);
  link.polled_output = wanted;
}

void WebConnector::send(WebLinkId id, std::string_view text) {
  const auto found = links_.find(id);
  if (found == links_.end() || !found->second.upgraded) return;
  found->second.stream.write(write_client_frame(WebSocketOpcode::text, text, random_));
  watch(found->second);
}

void WebConnector::close(WebLinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  constexpr std::string_view normal_closure = "\x03\xE8";  // 1000, RFC 6455 section 7.4.1
  if (found->second.upgraded) found->second.stream.write(write_client_frame(WebSocketOpcode::close, normal_closure, random_));
  remove(id);
}

void WebConnector::remove(WebLinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  descriptors_.erase(found->second.stream.descriptor());
  links_.erase(found);
}

bool WebConnector::handle(const Poller::Readiness& ready, std::vector<WebLinkEvent>& out) {
  const auto owner = descriptors_.find(ready.descriptor);
  if (owner == descriptors_.end()) return false;
  const WebLinkId id = owner->second;
  Link& link = links_.at(id);
  std::string input;
  link.stream.handle(input);
  take(id, link, input, out);
  if (const auto left = links_.find(id); left != links_.end()) watch(left->second);
  return true;
}

void WebConnector::advance(std::vector<WebLinkEvent>& out) {
  for (const WebLinkId id : std::exchange(stillborn_, {}))
    if (const auto found = links_.find(id); found != links_.end()) end(id, found->second.stream.reason(), out);
}

void WebConnector::take(WebLinkId id, Link& link, std::string& input, std::vector<WebLinkEvent>& out) {
  const bool ended = link.stream.state() == ClientStream::State::closed;
  const std::string reason = link.stream.reason();
  if (link.upgraded)
    link.frames.add(input);
  else
    link.http.add(input);
  if (link.is_socket) {
    if (!link.upgraded && !take_upgrade(id, link, out)) return;
    if (link.upgraded && !take_messages(id, link, out)) return;
  } else if (auto reply = link.http.take(ended)) {
    out.push_back(WebLinkReply{id, std::move(*reply)});
    return remove(id);
  }
  if (link.http.broken()) return end(id, "the server does not speak HTTP", out);
  if (ended) end(id, reason, out);
}

/// False when the server has refused, and the link has ended.
bool WebConnector::take_upgrade(WebLinkId id, Link& link, std::vector<WebLinkEvent>& out) {
  const auto reply = link.http.take(false);
  if (!reply) return true;
  if (reply->status != 101) return end(id, "the server answers " + std::to_string(reply->status) + " to a WebSocket", out), false;
  link.upgraded = true;
  link.frames.add(link.http.rest());
  out.push_back(WebLinkOpened{id});
  return true;
}

/// False when the link has ended.
bool WebConnector::take_messages(WebLinkId id, Link& link, std::vector<WebLinkEvent>& out) {
  while (auto message = link.frames.take()) {
    if (message->opcode == WebSocketOpcode::text) out.push_back(WebLinkMessage{id, std::move(message->payload)});
    if (message->opcode == WebSocketOpcode::ping)
      link.stream.write(write_client_frame(WebSocketOpcode::pong, message->payload, random_));
    if (message->opcode == WebSocketOpcode::close) return end(id, close_reason(message->payload), out), false;
  }
  if (link.frames.broken()) return end(id, "the server breaks the WebSocket protocol", out), false;
  return true;
}

void WebConnector::end(WebLinkId id, std::string reason, std::vector<WebLinkEvent>& out) {
  if (!links_.contains(id)) return;
  remove(id);
  out.push_back(WebLinkClosed{id, std::move(reason)});
}

}  // namespace parley::net
