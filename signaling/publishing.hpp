#pragma once
// What participants send: tracks, from a publish request to everybody's subscriptions.

#include "signaling/hub_state.hpp"

namespace parley::signaling {

void publish(Time now, HubState& state, const Caller& caller, const request::Publish& publish, HubOutput& out);
void unpublish(HubState& state, const Caller& caller, const request::Unpublish& unpublish, HubOutput& out);
void mute(HubState& state, const Caller& caller, const request::Mute& mute, HubOutput& out);
/// With roomAdmin: somebody else's track.
void mute_other(HubState& state, const Caller& caller, const request::MuteOther& mute, HubOutput& out);
void restart_ice(Time now, HubState& state, const Caller& caller, const request::RestartIce& restart, HubOutput& out);

void published(Time now, HubState& state, const Subject& subject, const control::Published& event, HubOutput& out);
void track_started(Room& room, Participant& participant, const control::TrackStarted& event, HubOutput& out);

/// The tracks that did not come back after a move.
void give_up_dead_tracks(Room& room, Participant& participant, HubOutput& out);

}  // namespace parley::signaling
