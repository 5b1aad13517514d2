#include "turn/connecting.hpp"

#include <algorithm>

namespace parley::turn {

namespace {

using stun::Attribute;

bool is_connected(Context& context, const Allocation& allocation, const Address& peer) {
  return std::ranges::any_of(allocation.connections, [&](ConnectionId id) { return context.connections.find(id)->peer == peer; });
}

}  // namespace

std::optional<ConnectionId> read_connection_id(const stun::Message& message) {
  const auto value = message.find(Attribute::connection_id);
  return value && value->size() == 4 ? std::optional(ConnectionId{Reader(*value).u32()}) : std::nullopt;
}

// RFC 6062 section 5.2.
void handle_connect(Context& context, const Request& request, Output& out) {
  Allocation* const allocation = request.allocation;
  if (!allocation) return refuse(context, request.envelope, {Reason::allocation_mismatch, 437}, out);

  // Only for a TCP allocation, and with one XOR-PEER-ADDRESS: else 400. A peer that is connected already: 446. One that must not
  // be reached: 403.
  const auto peer = request.message.xor_address(Attribute::xor_peer_address);
  if (!peer || allocation->protocol != Protocol::tcp) return refuse(context, request.envelope, {Reason::bad_request, 400}, out);
  const Relay& relay = allocation->relay(peer->is_v4());
  if (relay.state != Relay::State::open) return refuse(context, request.envelope, {Reason::peer_family_mismatch, 443}, out);
  if (!context.config.peers.allows(*peer)) return refuse(context, request.envelope, {Reason::peer_refused, 403}, out);
  if (is_connected(context, *allocation, *peer)) return refuse(context, request.envelope, {Reason::connection_exists, 446}, out);
  if (allocation->connections.size() >= context.config.limits.connections)
    return refuse(context, request.envelope, {Reason::too_many_connections, 508}, out);

  // The answer waits until the peer has accepted, or 30 seconds have passed.
  Connection& connection = context.connections.add(request.now, allocation->slot, *peer, context.random);
  connection.connect = request.envelope;
  allocation->connections.push_back(connection.id);
  const Address local = context.relay_address(peer->is_v4())->local.with_port(relay.port);
  out.commands.push_back(ConnectPeer{connection.id, local, *peer});
}

void peer_connected(Time now, Context& context, ConnectionId id, Output& out) {
  Connection* const connection = context.connections.find(id);
  if (!connection || !connection->connect) return;
  const Envelope to = *connection->connect;
  context.connections.wait(now, *connection);
  Answer answer(to, stun::Class::success, out);
  answer->u32(Attribute::connection_id, id.value);
  answer.send();
}

void peer_connect_failed(Context& context, ConnectionId id, Output& out) {
  Connection* const connection = context.connections.find(id);
  if (!connection) return;
  if (const auto to = connection->connect) refuse(context, *to, {Reason::connection_failed, 447}, out);
  close_connection(context, *connection, out);
}

// RFC 6062 section 5.3.
std::optional<ConnectionId> peer_accepted(Time now, Context& context, RelayId relay, const Address& peer, Output& out) {
  Allocation* const allocation = context.allocations.find(relay);
  const auto ignore = [&](Reason reason) {
    context.reasons.add(reason);
    return std::nullopt;
  };
  if (!allocation || allocation->protocol != Protocol::tcp) return ignore(Reason::unknown_relay);
  const Permission* const permission = allocation->permission(now, peer);
  if (!permission || !(permission->all_ports || context.config.peers.allows(peer)))
    return ignore(Reason::peer_without_permission);
  if (is_connected(context, *allocation, peer)) return ignore(Reason::connection_exists);
  if (allocation->connections.size() >= context.config.limits.connections) return ignore(Reason::too_many_connections);

  Connection& connection = context.connections.add(now, allocation->slot, peer, context.random);
  context.connections.wait(now, connection);
  allocation->connections.push_back(connection.id);
  stun::TransactionId id{};
  context.random.fill(id);
  stun::Builder attempt(out.reserve(), stun::Class::indication, stun::Method::connection_attempt, id);
  attempt.u32(Attribute::connection_id, connection.id.value).xor_address(Attribute::xor_peer_address, peer);
  out.send_reserved(allocation->client, attempt.finish_plain().size());
  return connection.id;
}

// RFC 6062 section 5.4.
void handle_connection_bind(Context& context, const Request& request, Output& out) {
  // Over TCP, by a client without an allocation on this 5-tuple, with the CONNECTION-ID of a connection of this user that nobody
  // has joined yet: else 400, and the connection to the client is of no use any more.
  const auto id = read_connection_id(request.message);
  Connection* const connection = id ? context.connections.find(*id) : nullptr;
  const bool good = connection && connection->state == Connection::State::waiting && request.client.protocol == Protocol::tcp &&
                    !context.allocations.find(request.client) && !context.connections.find_joined(request.client) &&
                    context.allocations.find_by_slot(connection->slot)->username == request.proof.username;
  if (!good) return refuse(context, request.envelope, {Reason::bad_request, 400}, out);
  context.connections.join(*connection, request.client);
  Answer(request.envelope, stun::Class::success, out).send();
  out.commands.push_back(JoinStreams{connection->id, request.client});
}

std::size_t allow_stream(Time now, Context& context, ConnectionId id, std::size_t wanted) {
  const Connection* const connection = context.connections.find(id);
  if (!connection || connection->state != Connection::State::joined) return 0;
  const std::size_t allowed = context.allow_some(now, *context.allocations.find_by_slot(connection->slot), wanted);
  context.counts.add(Count::stream_bytes, allowed);
  return allowed;
}

void connection_closed(Context& context, ConnectionId id, Output& out) {
  if (Connection* const connection = context.connections.find(id)) close_connection(context, *connection, out);
}

}  // namespace parley::turn
