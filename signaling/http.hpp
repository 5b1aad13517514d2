#pragma once
// HTTP as values. The driver (net/) owns the sockets; it hands in whole requests and gets whole responses, some of them
// later, so each request has a ticket.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/ids.hpp"

namespace parley::signaling {

/// Names a request until its response is there. Handed out by the driver, never twice.
using RequestTicket = Id<struct RequestTicketTag>;

struct HttpRequest {
  std::string method;                                       ///< as sent: "POST"
  std::string path;                                         ///< before the "?", still percent-encoded
  std::string query;                                        ///< after the "?", still percent-encoded
  std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case; repeated ones joined by ", "
  std::string body;
  Address peer;
  bool body_length_known = true;  ///< false for a body without Content-Length (chunked), which is then not read: 411
  bool to_metrics_port = false;   ///< the operator's own: whoever gets there may see the metrics

  /// The header's value, or "".
  std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  ///< without Content-Length; a name may occur more than once
  std::string body;

  void add(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
  /// The first header of that name (compared exactly), or "".
  std::string_view header(std::string_view name) const;
};

/// A response on its way to the request with this ticket.
struct HttpAnswer {
  RequestTicket ticket;
  HttpResponse response;
};

/// "tea%20time" → "tea time". False when an escape is broken.
bool percent_decode(std::string_view text, std::string& out);
std::string percent_encode(std::string_view text);
/// The decoded value of a parameter of a query, or "".
std::string query_value(std::string_view query, std::string_view name);
/// The host of a Host header, without its port: "tea.example.org", "192.0.2.1" or "[2001:db8::1]". Empty when it is none of
/// these: it goes into URLs and headers.
std::string host_of(std::string_view header);
/// The token of "Authorization: Bearer <token>", or "".
std::string_view bearer_token(const HttpRequest& request);

}  // namespace parley::signaling
