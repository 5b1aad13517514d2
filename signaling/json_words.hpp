#pragma once
// The words of PROTOCOL.md for ids and enumerations, and the parts of messages that HTTP answers have too.

#include <nlohmann/json.hpp>
#include <string>

#include "signaling/protocol.hpp"

namespace parley::signaling::json {

using Json = nlohmann::ordered_json;

std::string text(ParticipantId id);
std::string text(TrackId id);
const char* text(control::Kind kind);
const char* text(control::Connection connection);
const char* text(Source source);
const char* text(control::ConnectionState state);
const char* text(control::SubscriptionState state);
const char* text(control::Limit limit);

Json write(const control::Picture& picture);

}  // namespace parley::signaling::json
