#include "signaling/json_words.hpp"

namespace parley::signaling::json {

std::string text(ParticipantId id) { return "p" + std::to_string(id.value); }
std::string text(TrackId id) { return "t" + std::to_string(id.value); }

const char* text(control::Kind kind) { return kind == control::Kind::audio ? "audio" : "video"; }
const char* text(control::Connection connection) {
  return connection == control::Connection::publishing ? "publishing" : "subscribing";
}
const char* text(Source source) {
  switch (source) {
    case Source::microphone:
      return "microphone";
    case Source::camera:
      return "camera";
    case Source::screen:
      return "screen";
    case Source::screen_audio:
      return "screenAudio";
    case Source::other:
      break;
  }
  return "other";
}
const char* text(control::ConnectionState state) {
  switch (state) {
    case control::ConnectionState::connecting:
      return "connecting";
    case control::ConnectionState::connected:
      return "connected";
    case control::ConnectionState::disconnected:
      return "disconnected";
    case control::ConnectionState::failed:
      break;
  }
  return "failed";
}
const char* text(control::SubscriptionState state) {
  switch (state) {
    case control::SubscriptionState::waiting:
      return "waiting";
    case control::SubscriptionState::active:
      return "active";
    case control::SubscriptionState::paused:
      return "paused";
    case control::SubscriptionState::refused:
      break;
  }
  return "refused";
}
const char* text(control::Limit limit) {
  switch (limit) {
    case control::Limit::none:
      return "none";
    case control::Limit::bandwidth:
      return "bandwidth";
    case control::Limit::viewport:
      return "viewport";
    case control::Limit::publisher:
      return "publisher";
    case control::Limit::cpu:
      return "cpu";
    case control::Limit::policy:
      break;
  }
  return "policy";
}

}  // namespace parley::signaling::json
