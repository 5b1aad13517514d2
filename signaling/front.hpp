#pragma once
// The whole front as one machine: the Hub, its dialects (JSON over WebSocket, WHIP, WHEP) and the API beside them. The driver
// (main.cpp) moves bytes: texts of WebSockets, HTTP requests, the lines of the workers' pipes. It decides nothing.

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "signaling/http.hpp"
#include "signaling/hub.hpp"

namespace parley::signaling {

struct FrontSettings {
  HubSettings hub;
  Keys keys;
  std::string invite_key;      ///< the API key with which tokens are signed that an invite is exchanged for
  bool metrics_apart = false;  ///< they have a port of their own: with the page they always need a token
};

// ---- what comes in, besides ClientOpened, ClientClosed, WorkerEvent, WorkerDown, RelayReady and ServerStopping (see hub.hpp)

/// One whole text message of a WebSocket. A driver that had to stop reading a message at Limits::message_bytes hands in
/// what it has: longer than the limit by at least one byte.
struct ClientText {
  ClientId client;  ///< below 2^63: the upper half belongs to WHIP and WHEP
  std::string text;
};
struct HttpArrived {
  RequestTicket ticket;
  HttpRequest request;
};
/// Whoever sent the request has hung up; no answer is wanted any more.
struct HttpAbandoned {
  RequestTicket ticket;
};

using FrontInput = std::variant<ClientOpened, ClientText, ClientClosed, HttpArrived, HttpAbandoned, WorkerEvent, WorkerDown,
                                RelayReady, ServerStopping>;

// ---- what goes out

struct SendText {
  ClientId client;
  std::string text;
};

/// In the order in which it happened. CloseClient: after everything sent before has gone out, with WebSocket code 1000.
using FrontOutput = std::vector<std::variant<SendText, CloseClient, HttpAnswer, ToWorker>>;

class Front {
 public:
  Front(FrontSettings settings, Random random);
  ~Front();
  Front(Front&&) noexcept;

  void receive(Time now, const FrontInput& input, FrontOutput& out);
  void advance(Time now, FrontOutput& out);
  Time wakeup() const;

  /// Whether a path is answered here (/api/…, /healthz, /metrics, /whip/…, /whep/…); the others are files of the page.
  static bool handles(std::string_view path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parley::signaling
