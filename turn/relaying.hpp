#pragma once
// The data path: what is relayed, and why not. Nothing here allocates or copies payload: see output.hpp.

#include "sfu/stun/message.hpp"
#include "turn/context.hpp"

namespace parley::turn {

/// RFC 8656 section 12.5: a channel number, a length, data.
void relay_channel_data(Time now, Context& context, const Path& client, Bytes message, Output& out);
/// RFC 8656 section 11.2.
void relay_send_indication(Time now, Context& context, const Path& client, const stun::Message& message, Output& out);
/// RFC 8656 sections 11.3 and 12.6.
void relay_from_peer(Time now, Context& context, RelayId relay, const Address& peer, Bytes datagram, Output& out);
/// RFC 8656 section 11.5.
void relay_icmp(Time now, Context& context, RelayId relay, const Address& peer, const IcmpError& error, Output& out);
/// What went past the server, and until when it may: see Server::carried().
Time carried(Time now, Context& context, RelayId relay, const Address& peer, const Carried& to_peer, const Carried& to_client);

}  // namespace parley::turn
