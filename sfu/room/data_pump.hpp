#pragma once
// Between a participant's publishing connection and the room's DataRelay: what has happened on its channels goes there, and what
// waits there comes back, as much of it as the connection can use.

#include "sfu/room/data_relay.hpp"
#include "sfu/transport/transport.hpp"

namespace parley::room {

/// So much lies ready in the connection beyond what the network carries at once. More would keep an association with a fast
/// network no busier, and what has been handed over can be neither overtaken nor dropped any more.
inline constexpr std::size_t data_in_advance = 64 * 1024;

void receive_data(ParticipantId participant, transport::Transport& transport, DataRelay& relay, Drops& out);
void send_data(Time now, ParticipantId participant, transport::Transport& transport, DataRelay& relay, Outbox& out);

}  // namespace parley::room
