#include "turn/connections.hpp"

namespace parley::turn {

Connection& Connections::add(Time now, std::uint32_t slot, const Address& peer, Random& random) {
  ConnectionId id;
  do id.value = std::uint32_t{worker_} << 24 | (random.next32() & 0xffffff);
  while (connections_.contains(id));
  Connection& connection = connections_[id];
  connection.id = id;
  connection.slot = slot;
  connection.peer = peer;
  deadlines_.set(id, now + patience);
  return connection;
}

Connection* Connections::find(ConnectionId id) {
  const auto known = connections_.find(id);
  return known == connections_.end() ? nullptr : &known->second;
}

Connection* Connections::find_joined(const Path& client) {
  const auto known = joined_.find(client);
  return known == joined_.end() ? nullptr : find(known->second);
}

void Connections::wait(Time now, Connection& connection) {
  connection.state = Connection::State::waiting;
  connection.connect.reset();
  deadlines_.remove(connection.id);
  deadlines_.set(connection.id, now + patience);
}

void Connections::join(Connection& connection, const Path& client) {
  connection.state = Connection::State::joined;
  connection.client = client;
  deadlines_.remove(connection.id);
  joined_[client] = connection.id;
}

void Connections::remove(const Connection& connection) {
  const ConnectionId id = connection.id;
  if (connection.client) joined_.erase(*connection.client);
  deadlines_.remove(id);
  connections_.erase(id);
}

Connection* Connections::take_due(Time now) {
  const auto due = deadlines_.take_due(now);
  return due ? find(*due) : nullptr;
}

}  // namespace parley::turn
