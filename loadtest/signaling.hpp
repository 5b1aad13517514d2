#pragma once
// What stands between a Peer and a server: a dialect. It turns what the peer wants to say into texts on a WebSocket or HTTP
// requests, and the server's words into what the peer understands. A machine for one participant; it knows no socket: what is to
// be done on the web and what came from there are the plain values below. A new dialect is one file.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "loadtest/peer.hpp"

namespace parley::loadtest {

// ---- to the web; one WebSocket at most

struct OpenSocket {
  std::string url;
  std::string subprotocol;
};
struct SendText {
  std::string text;
};
struct CloseSocket {};
struct SendCall {
  std::uint64_t number = 0;  ///< comes back with the reply
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};
using ToWeb = std::variant<OpenSocket, SendText, CloseSocket, SendCall>;

// ---- from the web

struct SocketOpened {};
struct SocketText {
  std::string text;
};
struct SocketClosed {
  std::string reason;
};
struct CallReply {
  std::uint64_t number = 0;
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  ///< lower-case names
  std::string body;
};
struct CallFailed {
  std::uint64_t number = 0;
  std::string reason;
};
using FromWeb = std::variant<SocketOpened, SocketText, SocketClosed, CallReply, CallFailed>;

struct SignalingOutput {
  std::vector<ToWeb> web;
  std::vector<FromServer> peer;
};

/// Who it is that comes, as far as a dialect needs to know.
struct Visitor {
  std::string room;
  std::string identity;
  std::string token;  ///< empty where the dialect has none
  bool publishes = false;
  bool watches = true;
};

class Signaling {
 public:
  enum class State : std::uint8_t {
    outside,  ///< not yet let in
    inside,   ///< the peer may start to publish
    ended     ///< refused or put out: see reason()
  };

  virtual ~Signaling() = default;
  virtual void start(Time now, SignalingOutput& out) = 0;
  virtual void receive(Time now, const FromWeb& event, SignalingOutput& out) = 0;
  virtual void receive(Time now, const ToServer& message, SignalingOutput& out) = 0;
  /// Says goodbye.
  virtual void leave(Time now, SignalingOutput& out) = 0;
  virtual void advance(Time, SignalingOutput&) {}
  virtual Time wakeup() const { return never; }

  /// Whether a viewer says first what it wants to receive, instead of waiting for the server's offer.
  virtual bool viewer_offers() const { return false; }

  State state() const { return state_; }
  const std::string& reason() const { return reason_; }

 protected:
  void enter() { state_ = State::inside; }
  void end(std::string reason) {
    if (state_ == State::ended) return;
    state_ = State::ended;
    reason_ = std::move(reason);
  }

 private:
  State state_ = State::outside;
  std::string reason_;
};

}  // namespace parley::loadtest
