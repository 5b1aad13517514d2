#pragma once
// How a page shows what it receives, on the way to the worker, and on the way back what it gets and why, and what a publisher may
// switch off. The Hub keeps the newest of each, so that neither a new worker nor a page that comes back has to ask.

#include "signaling/hub_state.hpp"

namespace parley::signaling {

/// Answered only when it is refused.
void set_views(Time now, HubState& state, const Caller& caller, const request::SetViews& views, HubOutput& out);

/// Tells the worker how the track is shown, if its page has said so.
void tell_view(HubState& state, const Room& room, const Participant& participant, TrackId track, HubOutput& out);

void subscription_changed(Participant& participant, const control::SubscriptionChanged& event, HubOutput& out);
void quality_changed(Participant& participant, const control::QualityChanged& event, HubOutput& out);
void encodings_wanted(Participant& participant, const control::EncodingsWanted& event, HubOutput& out);

/// To a page that has come back: the newest of the three, which it may have missed.
void tell_state_again(const Participant& participant, HubOutput& out);

/// What Hub::why tells.
std::optional<WhySummary> why(const HubState& state, const std::string& room, const std::string& identity);

}  // namespace parley::signaling
