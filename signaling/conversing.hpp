#pragma once
// What participants tell each other beside media: texts, names, who speaks, and what an administrator decides.

#include "signaling/hub_state.hpp"

namespace parley::signaling {

void chat(Time now, HubState& state, const Caller& caller, const request::Chat& chat, HubOutput& out);
void update(HubState& state, const Caller& caller, const request::Update& update, HubOutput& out);
/// From one browser to another, unread. Refused where direct connections are off.
void direct(HubState& state, const Caller& caller, const request::Direct& direct, HubOutput& out);
/// With roomAdmin.
void remove(HubState& state, const Caller& caller, const request::Remove& remove, HubOutput& out);

void speakers_changed(Room& room, const control::SpeakersChanged& event, HubOutput& out);

/// "message_invalid" when there are too many, or too much in them.
std::optional<Error> check_attributes(const Attributes& attributes);

}  // namespace parley::signaling
