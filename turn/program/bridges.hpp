#pragma once
// The TCP connections to peers of one worker (RFC 6062), and the bytes that pass between them and the clients' data connections,
// held back on one side while the other is slow or the user's bandwidth is used up.

#include <map>
#include <set>
#include <unordered_map>

#include "sfu/net/poller.hpp"
#include "sfu/net/server_stream.hpp"
#include "turn/ids.hpp"
#include "turn/program/streams.hpp"
#include "turn/server.hpp"

namespace parley::turn {

class Bridges {
 public:
  /// When bandwidth is used up, how long until some of it is there again.
  static constexpr Duration throttle_pause = milliseconds(10);

  explicit Bridges(net::Poller& poller) : poller_(poller) {}

  /// Begins a connection, and returns its descriptor. Nothing: it can't be.
  std::optional<int> connect(ConnectionId id, const Address& local, const Address& peer);
  /// One that a peer has made. Nothing is read from it before it is joined.
  void add(ConnectionId id, net::FileDescriptor descriptor);
  bool has(int descriptor) const { return ids_.contains(descriptor); }

  /// From now on bytes pass, first those that the client has sent already. `client` must stay until close().
  void join(Time now, ConnectionId id, ClientStream& client, Server& server, Output& out);
  /// Does what `ready` says of a connection to a peer.
  void handle(Time now, const net::Poller::Readiness& ready, Server& server, Output& out);
  /// The client's data connection is ready.
  void pass(Time now, ConnectionId id, Server& server, Output& out);
  /// Forgets the connection. What is left to be closed is the client's data connection, if there is one.
  std::optional<Path> close(ConnectionId id);

  /// Tries again what waits for bandwidth.
  void advance(Time now, Server& server, Output& out);
  Time wakeup() const { return throttled_.empty() ? never : next_try_; }

 private:
  struct Bridge {
    explicit Bridge(net::FileDescriptor descriptor) : peer(std::move(descriptor), nullptr) {}
    net::ServerStream peer;
    bool connected = false;
    ClientStream* client = nullptr;
    std::optional<Path> client_path;  ///< of `client`, which may be gone first
    Buffer held_for_peer;             ///< read, and not yet allowed to go on
    Buffer held_for_client;
    bool throttled = false;
  };
  Bridge& insert(ConnectionId id, net::FileDescriptor descriptor);
  /// Moves what may move in one direction.
  void move(Time now, ConnectionId id, Bridge& bridge, bool to_peer, Server& server);
  void watch(Bridge& bridge);

  net::Poller& poller_;
  std::map<ConnectionId, Bridge> bridges_;
  std::unordered_map<int, ConnectionId> ids_;  // by descriptor of the connection to the peer
  std::set<ConnectionId> throttled_;
  Time next_try_ = never;
};

}  // namespace parley::turn
