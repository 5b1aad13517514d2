#pragma once
// Who gets into a room, as its administrators decide: it may be locked, or have a lobby where newcomers wait until somebody lets
// them in. Whoever was in the room before comes back without being asked, unless they were removed.

#include "signaling/hub_state.hpp"

namespace parley::signaling {

/// Whether somebody with this grant may enter now, has to wait, or is refused.
enum class Entry : std::uint8_t { open, lobby, refused };
Entry entry_for(const Room& room, const Grant& grant);

/// The client waits from now on; administrators are told. Refused when too many wait, or for a client that cannot wait.
void knock(HubState& state, Room& room, Client& client, const std::string& mark, const request::Join& join, const Grant& grant,
           HubOutput& out);
/// The client of somebody who waits has gone, or says so itself.
void stop_waiting(HubState& state, Client& client, HubOutput& out);
/// The room has ended, or its lobby while it is locked: those who wait are told.
void dismiss(HubState& state, Room& room, HubOutput& out);

void set_room(Time now, HubState& state, const Caller& caller, const request::SetRoom& change, HubOutput& out);
void admit(Time now, HubState& state, const Caller& caller, const request::Admit& admit, HubOutput& out);
void deny(HubState& state, const Caller& caller, const request::Deny& deny, HubOutput& out);

/// To an administrator who has come: who waits, if anybody does.
void tell_lobby(const Room& room, const Participant& participant, HubOutput& out);

}  // namespace parley::signaling
