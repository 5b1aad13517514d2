#include "turn/server.hpp"

#include <algorithm>

#include "turn/connecting.hpp"
#include "turn/relaying.hpp"
#include "turn/requests.hpp"

namespace parley::turn {

namespace {

using stun::Class;
using stun::Method;

/// What a request that names a connection is about is the allocation that the connection belongs to.
Allocation* find_subject(Context& context, const Path& client, const stun::Message& message) {
  if (message.method() != Method::connection_bind) return context.allocations.find(client);
  const auto id = read_connection_id(message);
  const Connection* const connection = id ? context.connections.find(*id) : nullptr;
  return connection ? context.allocations.find_by_slot(connection->slot) : nullptr;
}

/// 400, 401 and 438: to somebody who may be anybody, so that it is limited and as small as it can be. RFC 8489 section 9.2.4.
void refuse_unproved(Time now, Context& context, const Path& client, const stun::Message& message, std::size_t size,
                     Refusal refusal, Output& out) {
  context.reasons.add(refusal.reason);
  const Envelope to{client, message.method(), message.transaction(), {}, false, message.has_fingerprint()};
  Answer answer(to, Class::error, out);
  answer->error(refusal.code, phrase(refusal.code == 400 ? 0 : refusal.code));
  if (refusal.code != 400) {
    const std::string nonce = context.nonces.make(now, client.remote);
    answer->bytes(stun::Attribute::realm, as_bytes(context.config.realm)).bytes(stun::Attribute::nonce, as_bytes(nonce));
    answer->bytes(stun::Attribute::password_algorithms, password_algorithms());
  }
  const std::size_t answer_size = answer.finish().size();
  if (context.address_limits.allow_refusal(now, client, size, answer_size))
    out.send_reserved(client, answer_size);
  else
    context.reasons.add(Reason::refusal_limited);
}

void handle_request(Time now, Context& context, const Path& client, const stun::Message& message, Bytes bytes, Output& out) {
  if (message.method() == Method::binding) return handle_binding(now, context, client, message, bytes.size(), out);
  if (message.method() == Method::connection_bind && client.protocol == Protocol::tcp) {
    const auto id = read_connection_id(message);
    const std::uint8_t worker = id ? context.connections.worker_of(*id) : context.config.worker;
    if (worker != context.config.worker) return void(out.commands.push_back(HandOver{client, worker, bytes}));
  }
  Allocation* const subject = find_subject(context, client, message);
  const auto checked = authenticate(now, context, client.remote, message, subject);
  if (const auto* refusal = std::get_if<Refusal>(&checked))
    return refuse_unproved(now, context, client, message, bytes.size(), *refusal, out);

  const Proof& proof = std::get<Proof>(checked);
  const Envelope to{client, message.method(), message.transaction(), proof.key, proof.uses_sha256, message.has_fingerprint()};
  if (refuse_unknown(context, to, message, out)) return;
  // RFC 8656 section 5: all requests about an allocation come from the user who made it.
  if (subject && subject->username != proof.username) return refuse(context, to, {Reason::other_user, 441}, out);
  Allocation* const usable = subject && !subject->opening() ? subject : nullptr;
  const Request request{now, client, message, proof, usable, to};
  switch (message.method()) {
    case Method::allocate:
      return handle_allocate(context, request, out);
    case Method::refresh:
      return handle_refresh(context, request, out);
    case Method::create_permission:
      return handle_create_permission(context, request, out);
    case Method::channel_bind:
      return handle_channel_bind(context, request, out);
    case Method::connect:
      return handle_connect(context, request, out);
    case Method::connection_bind:
      return handle_connection_bind(context, request, out);
    default:
      return refuse(context, to, {Reason::unexpected, 400}, out);
  }
}

}  // namespace

struct Server::State : Context {
  using Context::Context;
};

Server::Server(Config config, Credentials credentials, Quotas& quotas, Random random)
    : state_(std::make_unique<State>(std::move(config), std::move(credentials), quotas, std::move(random))) {}

Server::~Server() = default;

void Server::receive(Time now, const Path& client, Bytes message, Output& out) {
  // The two highest bits are 00 for STUN and 01 for channel data (see ChannelNumber).
  const std::uint8_t first = message.empty() ? std::uint8_t{0xff} : message.front();
  if (first >> 6 == 1) return relay_channel_data(now, *state_, client, message, out);
  const auto parsed = first >> 6 == 0 ? stun::Message::parse(message) : std::nullopt;
  if (!parsed) {
    state_->reasons.add(Reason::malformed);
    // A stream of something else, such as a browser that takes us for a web server, has no use.
    if (client.protocol == Protocol::tcp && !state_->allocations.find(client)) out.commands.push_back(CloseClient{client});
    return;
  }
  if (parsed->type() == Class::request) return handle_request(now, *state_, client, *parsed, message, out);
  if (parsed->type() == Class::indication && parsed->method() == Method::send)
    return relay_send_indication(now, *state_, client, *parsed, out);
  // A Binding indication keeps a NAT's binding alive and wants nothing (RFC 8489 section 6.3.2).
  if (parsed->type() != Class::indication || parsed->method() != Method::binding) state_->reasons.add(Reason::unexpected);
}

void Server::client_closed(Time now, const Path& client, Output& out) {
  if (Allocation* const allocation = state_->allocations.find(client))
    remove_allocation(now, *state_, *allocation, AllocationClosed::Why::client_gone, out);
  if (const Connection* const connection = state_->connections.find_joined(client)) close_connection(*state_, *connection, out);
}

void Server::relay_opened(Time now, RelayId relay, Output& out) { turn::relay_opened(now, *state_, relay, out); }

void Server::relay_failed(Time now, RelayId relay, Output& out) { turn::relay_failed(now, *state_, relay, out); }

void Server::receive_from_peer(Time now, RelayId relay, const Address& peer, Bytes datagram, Output& out) {
  relay_from_peer(now, *state_, relay, peer, datagram, out);
}

void Server::receive_icmp(Time now, RelayId relay, const Address& peer, const IcmpError& error, Output& out) {
  relay_icmp(now, *state_, relay, peer, error, out);
}

Time Server::carried(Time now, RelayId relay, const Address& peer, const Carried& to_peer, const Carried& to_client) {
  return turn::carried(now, *state_, relay, peer, to_peer, to_client);
}

void Server::peer_connected(Time now, ConnectionId connection, Output& out) {
  turn::peer_connected(now, *state_, connection, out);
}

void Server::peer_connect_failed(Time, ConnectionId connection, Output& out) {
  turn::peer_connect_failed(*state_, connection, out);
}

std::optional<ConnectionId> Server::peer_accepted(Time now, RelayId relay, const Address& peer, Output& out) {
  return turn::peer_accepted(now, *state_, relay, peer, out);
}

std::size_t Server::allow_stream(Time now, ConnectionId id, std::size_t wanted) {
  return turn::allow_stream(now, *state_, id, wanted);
}

void Server::connection_closed(Time, ConnectionId connection, Output& out) { turn::connection_closed(*state_, connection, out); }

void Server::advance(Time now, Output& out) {
  while (const auto slot = state_->expiries.take_due(now)) {
    Allocation* const allocation = state_->allocations.find_by_slot(*slot);
    if (now < allocation->expires)
      state_->expiries.set(*slot, allocation->expires);  // it has been refreshed meanwhile
    else
      remove_allocation(now, *state_, *allocation, AllocationClosed::Why::expired, out);
  }
  while (const Connection* const connection = state_->connections.take_due(now))
    turn::peer_connect_failed(*state_, connection->id, out);
  while (const auto reserved = state_->reservations.take_expired(now))
    state_->ports(Protocol::udp, reserved->v4).release(reserved->port);
}

Time Server::wakeup() const {
  return std::min({state_->expiries.next(), state_->connections.wakeup(), state_->reservations.wakeup()});
}

void Server::drain(std::optional<Address> alternate_v4, std::optional<Address> alternate_v6) {
  state_->draining = true;
  state_->alternate_v4 = alternate_v4;
  state_->alternate_v6 = alternate_v6;
}

void Server::set_peers(PeerPolicy peers) { state_->config.peers = std::move(peers); }

void Server::set_credentials(Credentials credentials) { state_->credentials = std::move(credentials); }

std::size_t Server::allocations() const { return state_->allocations.size(); }
std::size_t Server::connections() const { return state_->connections.size(); }
const Reasons& Server::reasons() const { return state_->reasons; }
const Counters<Count>& Server::counts() const { return state_->counts; }

}  // namespace parley::turn
