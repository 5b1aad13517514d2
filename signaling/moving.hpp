#pragma once
// Workers come and go: which room is where, and what happens to people whose worker has died.

#include "signaling/hub_state.hpp"

namespace parley::signaling {

void worker_ready(Time now, HubState& state, WorkerId worker, const control::Ready& ready, HubOutput& out);
void worker_down(Time now, HubState& state, WorkerId worker, HubOutput& out);
void candidates_changed(HubState& state, WorkerId worker, const control::CandidatesChanged& event, HubOutput& out);

/// A room has waited too long for a worker: everybody in it is sent away.
void give_up(HubState& state, RoomId room, HubOutput& out);

void add_to_worker(HubState& state, Room& room, const Participant& participant, HubOutput& out);
/// To the client, or as soon as it is back.
void tell_moved(Time now, HubState& state, Participant& participant, HubOutput& out);

}  // namespace parley::signaling
