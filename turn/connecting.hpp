#pragma once
// TCP allocations, RFC 6062: Connect, ConnectionBind, and what peers and streams do meanwhile.

#include "turn/requests.hpp"

namespace parley::turn {

void handle_connect(Context& context, const Request& request, Output& out);
void handle_connection_bind(Context& context, const Request& request, Output& out);

/// The connection that a ConnectionBind names.
std::optional<ConnectionId> read_connection_id(const stun::Message& message);

void peer_connected(Time now, Context& context, ConnectionId id, Output& out);
void peer_connect_failed(Context& context, ConnectionId id, Output& out);
std::optional<ConnectionId> peer_accepted(Time now, Context& context, RelayId relay, const Address& peer, Output& out);
std::size_t allow_stream(Time now, Context& context, ConnectionId id, std::size_t wanted);
/// Forgets the connection, and closes what is left of it.
void connection_closed(Context& context, ConnectionId id, Output& out);

}  // namespace parley::turn
