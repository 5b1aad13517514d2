#pragma once
// Coming in, coming back, going away: the life of a participant.

#include "signaling/hub_state.hpp"

namespace parley::signaling {

void join(Time now, HubState& state, Client& client, const std::string& mark, const request::Join& join, HubOutput& out);
/// Makes a participant of a client that may come in. Refused only when the room is full.
void come_in(Time now, HubState& state, Room& room, Client& client, const std::string& mark, const request::Join& join,
             const Grant& grant, HubOutput& out);
void resume(Time now, HubState& state, Client& client, const std::string& mark, const request::Resume& resume, HubOutput& out);

/// The client's connection is gone: a conversation waits for its return, others leave.
void detach(Time now, HubState& state, ParticipantId participant, HubOutput& out);

/// Ends a participant, and its room with the last one. Its client, if it has one, is not told: close() does that.
void leave(HubState& state, Room& room, ParticipantId participant, message::LeftReason reason, HubOutput& out);

/// A participant's deadline has come: it did not come back, or its tracks did not.
void expire(Time now, HubState& state, ParticipantId participant, HubOutput& out);

}  // namespace parley::signaling
