#include "signaling/conversing.hpp"

#include <algorithm>
#include <cmath>

#include "signaling/entering.hpp"
#include "signaling/text.hpp"

namespace parley::signaling {
namespace {

Error participant_unknown() { return {"participant_unknown", "There is no such participant in the room."}; }

/// 127 steps of a decibel, two digits: more would be noise in every message.
double loudness(std::uint8_t level) { return std::round((127.0 - std::min<double>(level, 127)) / 127 * 100) / 100; }

std::optional<Error> check_chat(const Limits& limits, const Participant& participant, const request::Chat& chat) {
  if (!participant.permissions.can_publish_data || !participant.is_announced())
    return Error{"not_allowed", "The token does not permit sending messages."};
  if (chat.text.empty()) return Error{"message_invalid", "The text is empty."};
  if (chat.text.size() > limits.chat_bytes)
    return Error{"message_too_large", "A text may have at most " + std::to_string(limits.chat_bytes) + " bytes."};
  return std::nullopt;
}

}  // namespace

void chat(Time now, HubState& state, const Caller& caller, const request::Chat& chat, HubOutput& out) {
  if (auto error = check_chat(state.settings.limits, caller.participant, chat)) return refuse(state, caller, *error, out);
  const message::Chat text{caller.participant.id, chat.text, now, chat.to.has_value()};
  if (!chat.to) {
    reply(caller, message::Ok{}, out);
    caller.room.chat.add({caller.participant.id, caller.participant.name, chat.text, now});
    return broadcast(caller.room, ParticipantId{}, text, out);
  }
  const Participant* receiver = caller.room.find(*chat.to);
  if (!receiver || !receiver->is_announced()) return refuse(state, caller, participant_unknown(), out);
  reply(caller, message::Ok{}, out);
  send(*receiver, text, out);
  if (receiver->id != caller.participant.id) send(caller.participant, text, out);
}

void direct(HubState& state, const Caller& caller, const request::Direct& direct, HubOutput& out) {
  if (!caller.room.policy.direct)
    return refuse(state, caller, {"direct_off", "Direct connections are switched off in this room."}, out);
  if (direct.purpose.size() > direct_word_limit || direct.kind.size() > direct_word_limit ||
      direct.payload.size() > direct_payload_limit)
    return refuse(state, caller, {"message_too_large", "A message to another browser may have at most 64 KiB."}, out);
  const Participant* receiver = caller.room.find(direct.to);
  if (!caller.participant.is_announced() || !receiver || !receiver->is_announced() || receiver->id == caller.participant.id ||
      receiver->presence != Presence::conversation)
    return refuse(state, caller, participant_unknown(), out);
  reply(caller, message::Ok{}, out);
  send(*receiver, message::Direct{caller.participant.id, direct.purpose, direct.kind, direct.payload}, out);
}

void update(HubState& state, const Caller& caller, const request::Update& update, HubOutput& out) {
  if (update.name && !is_good_name(*update.name))
    return refuse(state, caller, {"message_invalid", "The name is empty, too long, or has control characters."}, out);
  if (update.attributes)
    if (auto error = check_attributes(*update.attributes)) return refuse(state, caller, *error, out);
  Participant& participant = caller.participant;
  if (update.name) participant.name = *update.name;
  if (update.attributes) participant.attributes = *update.attributes;
  reply(caller, message::Ok{}, out);
  if (participant.is_announced()) broadcast(caller.room, participant.id, message::ParticipantUpdated{participant.info()}, out);
}

void remove(HubState& state, const Caller& caller, const request::Remove& remove, HubOutput& out) {
  if (!caller.participant.permissions.room_admin)
    return refuse(state, caller, {"not_allowed", "Only a room's administrator may remove others."}, out);
  const Participant* removed = caller.room.find(remove.participant);
  if (!removed || !removed->is_announced()) return refuse(state, caller, participant_unknown(), out);
  reply(caller, message::Ok{}, out);
  if (removed->client)
    close(state, *removed->client, message::ClosedCode::removed, "An administrator has removed you from the room.", out);
  caller.room.remembered.erase(removed->identity);
  leave(state, caller.room, remove.participant, message::LeftReason::removed, out);
}

void speakers_changed(Room& room, const control::SpeakersChanged& event, HubOutput& out) {
  message::Speakers speakers;
  for (const control::Speaker& speaker : event.speakers)
    if (const Participant* participant = room.find(speaker.participant); participant && participant->is_announced())
      speakers.speakers.push_back({speaker.participant, loudness(speaker.level)});
  broadcast(room, ParticipantId{}, speakers, out);
}

std::optional<Error> check_attributes(const Attributes& attributes) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : attributes) bytes += key.size() + value.size();
  if (attributes.size() <= attribute_count_limit && bytes <= attribute_bytes_limit) return std::nullopt;
  return Error{"message_invalid", "At most 16 attributes with 1024 bytes in all are possible."};
}

}  // namespace parley::signaling
