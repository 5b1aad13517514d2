#pragma once
// HTTP and WebSockets for the front, and /metrics for the relay, over libwebsockets, which waits in a loop of its own kind
// (web_loop.hpp): so that is the program's loop, and whatever else it waits for (pipes to workers, signals) joins it through
// poller(). Values in, values out: the events of a turn come back from wait(), and send, respond and close only queue. HTTP/1.1,
// so that one response is one stream.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/net/clock.hpp"
#include "sfu/net/poller.hpp"
#include "sfu/net/web_message.hpp"

namespace parley::net {

enum class WebPort { http, https, metrics };

struct WebServerConfig {
  std::optional<Address> http;     ///< nothing: not served
  std::optional<Address> https;    ///< nothing: not served
  std::optional<Address> metrics;  ///< a port of its own, for operators: http without WebSockets; nothing: not served
  std::string certificate;         ///< PEM file with the chain, for https
  std::string key;                 ///< PEM file
  std::string socket_path = "/signal";
  std::string subprotocol = "parley.1";

  /// A WebSocket message and a request body. An offer of a large room is about 200 KiB.
  std::size_t message_limit = 256 << 10;
  /// What may wait for one client: more than the state of a large room. Whoever is slower than that is disconnected.
  std::size_t output_limit = 4 << 20;
  /// Of both kinds together, as ConnectionCount has it. The program knows how many descriptors there are, and how many people.
  std::size_t connections = 4000;
  std::size_t connections_per_address = 448;
};

/// Why connections were refused or ended, since the start.
struct WebServerCounters {
  std::uint64_t too_many_connections = 0;
  std::uint64_t slow_clients = 0;
  std::uint64_t messages_too_large = 0;
};

/// Everything that one wait has brought. Valid until the next one.
struct WebTurn {
  Time now;
  std::vector<WebEvent> events;
  std::vector<Poller::Readiness> ready;  ///< of the descriptors that others have added to poller()
};

class WebServer {
 public:
  /// Opens the ports. Throws SystemError.
  explicit WebServer(WebServerConfig config);
  ~WebServer();
  WebServer(WebServer&&) noexcept;

  /// Waits until something happens, or until `until`, which may be `never`.
  const WebTurn& wait(Time until);

  /// Unknown or closed clients and tickets are ignored: their end may be on its way.
  void send(WebClientId client, std::string text);
  /// Closes with a WebSocket status code (RFC 6455 section 7.4) after everything sent before.
  void close(WebClientId client, std::uint16_t code, std::string_view reason);
  void respond(WebTicket ticket, WebResponse response);

  /// For descriptors of the caller's own. Their readiness comes with the turns.
  Poller& poller();
  const Clock& clock() const;
  const WebServerCounters& counters() const;
  /// 0: not served.
  std::uint16_t port(WebPort which) const;
  /// Nothing sent to a WebSocket client waits any more, and who has been told goodbye is gone.
  bool idle() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parley::net
