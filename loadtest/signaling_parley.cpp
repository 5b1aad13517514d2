#include "loadtest/signaling_parley.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

namespace parley::loadtest {

using nlohmann::json;

namespace {

/// The `id` of a request tells its reply: 0 is the join, a publish has the number of its offer, 2^31 and above are the rest.
constexpr std::uint32_t join_id = 0;
constexpr std::uint32_t other_id = 0x8000'0000;

json to_json(const PublishOffer& offer) {
  json tracks = json::array();
  for (const auto& track : offer.tracks)
    tracks.push_back({{"mid", track.mid}, {"source", track.kind == control::Kind::audio ? "microphone" : "camera"}});
  return {{"type", "publish"}, {"id", offer.number}, {"sdp", offer.sdp}, {"tracks", tracks}, {"replace", offer.replace}};
}

json to_json(const SubscribeAnswer& answer) { return {{"type", "answer"}, {"revision", answer.revision}, {"sdp", answer.sdp}}; }

json to_json(const AskForOffer& wish) {
  return {{"type", "restart"}, {"id", other_id}, {"connection", "subscribing"}, {"replace", wish.replace}};
}

std::string text_of(const json& message, const char* field) {
  const auto found = message.find(field);
  return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint32_t number_of(const json& message, const char* field) {
  const auto found = message.find(field);
  return found != message.end() && found->is_number_unsigned() ? found->get<std::uint32_t>() : 0;
}

/// "t17" is track 17.
TrackId track_id(const std::string& text) {
  std::uint64_t number = 0;
  if (text.size() > 1) std::from_chars(text.data() + 1, text.data() + text.size(), number);
  return {number};
}

SubscribeOffer to_offer(const json& message) {
  SubscribeOffer offer{.revision = number_of(message, "revision"), .sdp = text_of(message, "sdp"), .tracks = {}};
  offer.replace = message.contains("replace") && message["replace"] == true;
  if (message.contains("tracks"))
    for (const auto& track : message["tracks"])
      offer.tracks.push_back({text_of(track, "mid"), track_id(text_of(track, "track"))});
  return offer;
}

}  // namespace

void ParleySignaling::start(Time, SignalingOutput& out) { out.web.push_back(OpenSocket{url_, "parley.1"}); }

void ParleySignaling::receive(Time, const FromWeb& event, SignalingOutput& out) {
  if (std::holds_alternative<SocketOpened>(event)) {
    const json join{{"type", "join"}, {"id", join_id}, {"token", visitor_.token}, {"autoSubscribe", visitor_.watches}};
    out.web.push_back(SendText{join.dump()});
  } else if (const auto* text = std::get_if<SocketText>(&event)) {
    receive_text(text->text, out);
  } else if (const auto* closed = std::get_if<SocketClosed>(&event)) {
    end(closed->reason);
  }
}

void ParleySignaling::receive_text(const std::string& text, SignalingOutput& out) {
  const json message = json::parse(text, nullptr, false);
  if (!message.is_object()) return end("the server does not speak Parley's protocol");
  const std::string type = text_of(message, "type");
  const std::uint32_t id = number_of(message, "id");
  if (type == "joined") enter();
  if (type == "published") out.peer.push_back(PublishAnswer{id, text_of(message, "sdp")});
  if (type == "offer") out.peer.push_back(to_offer(message));
  if (type == "moved") out.peer.push_back(Moved{});
  if (type == "closed") end(text_of(message, "code") + ": " + text_of(message, "message"));
  if (type == "error") {
    const bool of_publish = message.contains("id") && id != join_id && id != other_id;
    if (of_publish) out.peer.push_back(PublishRefused{id});
    if (!of_publish && id != other_id) end(text_of(message, "code") + ": " + text_of(message, "message"));
  }
}

void ParleySignaling::receive(Time, const ToServer& message, SignalingOutput& out) {
  out.web.push_back(SendText{std::visit([](const auto& content) { return to_json(content); }, message).dump()});
}

void ParleySignaling::leave(Time, SignalingOutput& out) {
  if (state() == State::inside) out.web.push_back(SendText{R"({"type": "leave"})"});
  out.web.push_back(CloseSocket{});
}

}  // namespace parley::loadtest
