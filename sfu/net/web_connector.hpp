#pragma once
// The client's side of the web: WebSockets and HTTP requests, thousands of them, in the caller's own loop. Each is one connection
// of its own. libwebsockets' own loop asks every descriptor at each turn; this costs only what is ready.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/base/random.hpp"
#include "sfu/net/client_stream.hpp"
#include "sfu/net/http_reply.hpp"
#include "sfu/net/poller.hpp"
#include "sfu/net/web_socket_frame.hpp"
#include "sfu/net/web_url.hpp"

namespace parley::net {

using WebLinkId = Id<struct WebLinkTag>;

struct HttpCall {
  std::string method = "GET";
  WebUrl url;
  std::vector<std::pair<std::string, std::string>> headers;  ///< without Host, Content-Length and Connection
  std::string body;
};

struct WebLinkOpened {
  WebLinkId link;
};
struct WebLinkMessage {
  WebLinkId link;
  std::string text;
};
/// The last thing heard of a link: the server ended it, or it never came to be.
struct WebLinkClosed {
  WebLinkId link;
  std::string reason;
};
struct WebLinkReply {
  WebLinkId link;
  HttpReply reply;
};
using WebLinkEvent = std::variant<WebLinkOpened, WebLinkMessage, WebLinkClosed, WebLinkReply>;

class WebConnector {
 public:
  /// `poller` must outlive it. `insecure`: certificates are not checked. Throws SystemError.
  WebConnector(Poller& poller, bool insecure, Random random);

  /// Opens a WebSocket to `remote`, which is where url.host is, from `local` (unspecified: any). A WebLinkOpened or a
  /// WebLinkClosed follows.
  WebLinkId open(const WebUrl& url, const Address& remote, const Address& local, const std::string& subprotocol);
  /// Sends an HTTP request. A WebLinkReply or a WebLinkClosed follows, and nothing else.
  WebLinkId call(const HttpCall& call, const Address& remote, const Address& local);
  /// Links that are not open (any more) are ignored.
  void send(WebLinkId link, std::string_view text);
  /// Says goodbye. Nothing more is heard of it.
  void close(WebLinkId link);

  /// True when the descriptor is one of its own; what has happened is appended to `out`.
  bool handle(const Poller::Readiness& ready, std::vector<WebLinkEvent>& out);
  /// What ended while nobody waited for its descriptor, such as a connection that could not even be tried.
  void advance(std::vector<WebLinkEvent>& out);

 private:
  struct Link {
    ClientStream stream;
    bool is_socket = false;
    bool upgraded = false;  ///< a WebSocket whose handshake is done
    bool polled_output = false;
    HttpReplyReader http;
    WebSocketReader frames;
  };

  WebLinkId add(Link link, std::string_view request);
  void take(WebLinkId id, Link& link, std::string& input, std::vector<WebLinkEvent>& out);
  bool take_upgrade(WebLinkId id, Link& link, std::vector<WebLinkEvent>& out);
  bool take_messages(WebLinkId id, Link& link, std::vector<WebLinkEvent>& out);
  void end(WebLinkId id, std::string reason, std::vector<WebLinkEvent>& out);
  void remove(WebLinkId id);
  void watch(Link& link);

  Poller& poller_;
  ClientTls tls_;
  Random random_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<WebLinkId, Link> links_;
  std::unordered_map<int, WebLinkId> descriptors_;
  std::vector<WebLinkId> stillborn_;
};

}  // namespace parley::net
