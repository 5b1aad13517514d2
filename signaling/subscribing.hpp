#pragma once
// What participants receive. The Hub remembers what each one wants; the worker is told as far as it can have it now.

#include "signaling/hub_state.hpp"

namespace parley::signaling {

void subscribe(Time now, HubState& state, const Caller& caller, const request::Subscribe& subscribe, HubOutput& out);
void unsubscribe(HubState& state, const Caller& caller, const request::Unsubscribe& unsubscribe, HubOutput& out);
void answer(Time now, HubState& state, const Caller& caller, const request::Answer& answer, HubOutput& out);
void candidate(HubState& state, const Caller& caller, const request::Candidate& candidate, HubOutput& out);
void restart(Time now, HubState& state, const Caller& caller, const request::Restart& restart, HubOutput& out);
void play(Time now, HubState& state, const Caller& caller, const request::Play& play, HubOutput& out);

/// A participant that has just come, or just begun to receive: every track of the room, oldest first.
void subscribe_to_all(Time now, HubState& state, const Room& room, Participant& participant, HubOutput& out);
/// A track that has just been published: everybody who receives without being asked.
void subscribe_everybody(Time now, HubState& state, Room& room, const Participant& publisher, TrackId track, HubOutput& out);
/// A track that a new worker has got: everybody who wanted it already.
void subscribe_again(Time now, HubState& state, const Room& room, TrackId track, HubOutput& out);

void offered(Room& room, Participant& participant, const control::Offered& event, HubOutput& out);
void playing(Time now, HubState& state, const Subject& subject, const control::Playing& event, HubOutput& out);

}  // namespace parley::signaling
