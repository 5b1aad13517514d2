#pragma once
// The words of PROTOCOL.md for ids and enumerations, and the parts of messages that HTTP answers have too.

#include <string>

#include "signaling/protocol.hpp"

namespace parley::signaling::json {

std::string text(ParticipantId id);
std::string text(TrackId id);
const char* text(control::Kind kind);
const char* text(control::Connection connection);
const char* text(Source source);
const char* text(control::ConnectionState state);
const char* text(control::SubscriptionState state);
const char* text(control::Limit limit);

/// `Json` is nlohmann's, which no header includes.
template <typename Json>
Json write_picture(const control::Picture& picture) {
  return {{"encoding", picture.encoding}, {"spatial", picture.spatial}, {"temporal", picture.temporal},
          {"width", picture.width},       {"height", picture.height},   {"bitrate", picture.bits_per_second},
          {"paused", picture.paused}};
}

}  // namespace parley::signaling::json
