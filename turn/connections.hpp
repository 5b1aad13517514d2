#pragma once
// TCP connections between relayed addresses and peers (RFC 6062). Each belongs to an allocation; its bytes go through a TCP
// connection of their own, which the client opens and joins to it with ConnectionBind.

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "sfu/base/address.hpp"
#include "sfu/base/deadlines.hpp"
#include "sfu/base/random.hpp"
#include "sfu/stun/message.hpp"
#include "turn/answer.hpp"
#include "turn/ids.hpp"

namespace parley::turn {

struct Connection {
  enum class State : std::uint8_t { connecting, waiting, joined };
  State state = State::connecting;
  ConnectionId id;
  std::uint32_t slot = 0;  ///< of the allocation
  Address peer;
  std::optional<Envelope> connect;  ///< the Connect request that waits for its answer
  std::optional<Path> client;       ///< the data connection, when joined
};

class Connections {
 public:
  /// RFC 6062 sections 5.2 and 5.3: 30 seconds for a peer to answer, and 30 for the client's data connection.
  static constexpr Duration patience = seconds(30);

  explicit Connections(std::uint8_t worker) : worker_(worker) {}

  Connection& add(Time now, std::uint32_t slot, const Address& peer, Random& random);
  Connection* find(ConnectionId id);
  Connection* find_joined(const Path& client);
  /// The peer has answered: from now on the client has time to join.
  void wait(Time now, Connection& connection);
  void join(Connection& connection, const Path& client);
  void remove(const Connection& connection);

  /// One that took too long to connect or to be joined.
  Connection* take_due(Time now);
  Time wakeup() const { return deadlines_.next(); }
  std::size_t size() const { return connections_.size(); }

  std::uint8_t worker_of(ConnectionId id) const { return static_cast<std::uint8_t>(id.value >> 24); }

 private:
  std::uint8_t worker_;
  std::unordered_map<ConnectionId, Connection> connections_;
  std::unordered_map<Path, ConnectionId> joined_;
  Deadlines<ConnectionId> deadlines_;
};

}  // namespace parley::turn
