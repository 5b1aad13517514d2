#pragma once
// What a web server says and hears, as values: requests, responses, and the messages of WebSocket clients.

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/ids.hpp"

namespace parley::net {

using WebClientId = Id<struct WebClientTag>;
using WebTicket = Id<struct WebTicketTag>;

struct WebRequest {
  WebTicket ticket;  ///< for the answer; never used twice
  Address remote;
  std::string method;                                       ///< "POST"
  std::string path;                                         ///< before the "?", percent-encoded
  std::string query;                                        ///< after the "?", percent-encoded
  std::map<std::string, std::string, std::less<>> headers;  ///< lower-case names; those that Parley knows
  std::string body;
  bool body_length_known = true;  ///< false for a chunked body, which is not read
  bool to_metrics_port = false;   ///< WebServerConfig::metrics
};

struct WebResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  ///< without Content-Length and Connection
  std::string body;
};

/// The first thing heard of a WebSocket client.
struct WebClientOpened {
  WebClientId client;
  Address remote;
  std::string host;  ///< its Host header, as it was sent
};
/// A whole message. One that is longer than the limit ends after the first byte too many.
struct WebClientMessage {
  WebClientId client;
  std::string text;
};
/// The last thing heard of a client, whoever closed the connection.
struct WebClientClosed {
  WebClientId client;
};
/// Whoever asked has hung up before the answer (as far as it can be told: one who only closes for sending still reads).
struct WebRequestAbandoned {
  WebTicket ticket;
};

using WebEvent = std::variant<WebClientOpened, WebClientMessage, WebClientClosed, WebRequest, WebRequestAbandoned>;

}  // namespace parley::net
