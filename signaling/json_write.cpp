// Message to text. Fields stand in the order in which PROTOCOL.md shows them.

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "signaling/json.hpp"
#include "signaling/json_words.hpp"

namespace parley::signaling::json {
namespace {

using Json = nlohmann::ordered_json;
using json::text;

const char* text(message::LeftReason reason) {
  switch (reason) {
    case message::LeftReason::left:
      return "left";
    case message::LeftReason::lost:
      return "lost";
    case message::LeftReason::replaced:
      return "replaced";
    case message::LeftReason::removed:
      break;
  }
  return "removed";
}
const char* text(message::ClosedCode code) {
  switch (code) {
    case message::ClosedCode::replaced:
      return "replaced";
    case message::ClosedCode::removed:
      return "removed";
    case message::ClosedCode::room_closed:
      return "roomClosed";
    case message::ClosedCode::server_stopping:
      return "serverStopping";
    case message::ClosedCode::left:
      break;
  }
  return "left";
}

Json write(const TrackInfo& track) {
  return {{"track", text(track.track)}, {"kind", text(track.kind)}, {"source", text(track.source)}, {"name", track.name},
          {"muted", track.muted},       {"codec", track.codec},     {"simulcast", track.simulcast}};
}

Json write(const Attributes& attributes) {
  Json object = Json::object();
  for (const auto& [key, value] : attributes) object[key] = value;
  return object;
}

Json write(const ParticipantInfo& participant) {
  Json tracks = Json::array();
  for (const TrackInfo& track : participant.tracks) tracks.push_back(write(track));
  return {{"participant", text(participant.participant)},
          {"identity", participant.identity},
          {"name", participant.name},
          {"attributes", write(participant.attributes)},
          {"connection", participant.reconnecting ? "reconnecting" : "connected"},
          {"tracks", std::move(tracks)}};
}

Json write(const std::vector<ParticipantInfo>& participants) {
  Json array = Json::array();
  for (const ParticipantInfo& participant : participants) array.push_back(write(participant));
  return array;
}

/// As RTCPeerConnection's `iceServers` takes them.
Json write(const std::vector<IceServer>& servers) {
  Json array = Json::array();
  for (const IceServer& server : servers) {
    Json entry = {{"urls", Json::array({server.url})}};
    if (!server.username.empty()) {
      entry["username"] = server.username;
      entry["credential"] = server.credential;
    }
    array.push_back(std::move(entry));
  }
  return array;
}

Json write(const RoomPolicy& policy) { return {{"locked", policy.locked}, {"lobby", policy.lobby}, {"direct", policy.direct}}; }

std::int64_t milliseconds_since_1970(Time time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

Json write(const std::vector<message::ChatEntry>& chat) {
  Json array = Json::array();
  for (const message::ChatEntry& entry : chat)
    array.push_back({{"participant", text(entry.participant)},
                     {"name", entry.name},
                     {"text", entry.text},
                     {"time", milliseconds_since_1970(entry.time)}});
  return array;
}

/// The fields of an offer, without its type.
Json fields(const message::Offer& offer) {
  Json tracks = Json::array();
  for (const auto& section : offer.tracks)
    tracks.push_back({{"mid", section.mid}, {"track", text(section.track)}, {"participant", text(section.participant)}});
  return {{"revision", offer.revision}, {"sdp", offer.sdp}, {"tracks", std::move(tracks)}, {"replace", offer.replace}};
}

Json fields(const message::Joined& joined) {
  const Permissions& may = joined.permissions;
  return {{"session", joined.session},
          {"resumeSeconds", std::chrono::duration_cast<seconds>(joined.resume_window).count()},
          {"room", joined.room},
          {"participant", write(joined.participant)},
          {"participants", write(joined.participants)},
          {"permissions",
           {{"canPublish", may.can_publish},
            {"canSubscribe", may.can_subscribe},
            {"canPublishData", may.can_publish_data},
            {"roomAdmin", may.room_admin}}},
          {"roomState", write(joined.policy)},
          {"chat", write(joined.chat)},
          {"iceServers", write(joined.ice_servers)},
          {"limits",
           {{"tracksPerParticipant", joined.limits.tracks_per_participant},
            {"messageBytes", joined.limits.message_bytes},
            {"chatBytes", joined.limits.chat_bytes}}}};
}
Json fields(const message::Resumed& resumed) {
  return {{"participant", write(resumed.participant)},
          {"participants", write(resumed.participants)},
          {"roomState", write(resumed.policy)},
          {"iceServers", write(resumed.ice_servers)},
          {"offer", resumed.offer ? fields(*resumed.offer) : Json(nullptr)}};
}
Json fields(const message::Published& published) {
  Json tracks = Json::array();
  for (const auto& section : published.tracks) tracks.push_back({{"mid", section.mid}, {"track", text(section.track)}});
  return {{"sdp", published.sdp}, {"tracks", std::move(tracks)}};
}
Json fields(const message::Subscription& subscription) {
  Json json = {{"track", text(subscription.track)}, {"state", text(subscription.state)}};
  if (!subscription.reason.empty()) json["reason"] = subscription.reason;
  if (!subscription.message.empty()) json["message"] = subscription.message;
  return json;
}
Json fields(const message::Quality& quality) {
  return {{"track", text(quality.track)},
          {"current", write_picture<Json>(quality.current)},
          {"wanted", write_picture<Json>(quality.wanted)},
          {"limit", text(quality.limit)},
          {"estimate", quality.estimate_bits_per_second}};
}
Json fields(const message::Encodings& encodings) {
  return {{"track", text(encodings.track)}, {"rids", encodings.rids}, {"any", encodings.any}};
}
Json fields(const message::IceServers& message) { return {{"iceServers", write(message.servers)}}; }
Json fields(const message::Candidate& candidate) {
  return {{"connection", text(candidate.connection)}, {"candidate", candidate.candidate}};
}
Json fields(const message::Connection& connection) {
  return {{"connection", text(connection.connection)}, {"state", text(connection.state)}};
}
Json fields(const message::ParticipantJoined& joined) { return {{"participant", write(joined.participant)}}; }
Json fields(const message::ParticipantUpdated& updated) { return {{"participant", write(updated.participant)}}; }
Json fields(const message::ParticipantLeft& left) {
  return {{"participant", text(left.participant)}, {"reason", text(left.reason)}};
}
Json fields(const message::TrackPublished& published) {
  return {{"participant", text(published.participant)}, {"track", write(published.track)}};
}
Json fields(const message::TrackUpdated& updated) {
  return {{"participant", text(updated.participant)}, {"track", write(updated.track)}};
}
Json fields(const message::TrackUnpublished& unpublished) {
  return {{"participant", text(unpublished.participant)}, {"track", text(unpublished.track)}};
}
Json fields(const message::Speakers& speakers) {
  Json array = Json::array();
  for (const auto& speaker : speakers.speakers)
    array.push_back({{"participant", text(speaker.participant)}, {"level", speaker.level}});
  return {{"speakers", std::move(array)}};
}
Json fields(const message::Chat& chat) {
  return {{"participant", text(chat.participant)},
          {"text", chat.text},
          {"time", milliseconds_since_1970(chat.time)},
          {"private", chat.is_private}};
}
Json fields(const message::Lobby& lobby) {
  Json waiting = Json::array();
  for (const auto& person : lobby.waiting)
    waiting.push_back({{"participant", text(person.participant)}, {"identity", person.identity}, {"name", person.name}});
  return {{"waiting", std::move(waiting)}};
}
Json fields(const message::RoomChanged& changed) { return write(changed.policy); }
Json fields(const message::Direct& direct) {
  return {
      {"participant", text(direct.participant)}, {"purpose", direct.purpose}, {"kind", direct.kind}, {"payload", direct.payload}};
}
Json fields(const message::Failed& failed) { return {{"code", failed.error.code}, {"message", failed.error.message}}; }
Json fields(const message::Closed& closed) { return {{"code", text(closed.code)}, {"message", closed.message}}; }
Json fields(const message::Waiting&) { return Json::object(); }
Json fields(const message::Ok&) { return Json::object(); }
Json fields(const message::Pong&) { return Json::object(); }
Json fields(const message::Moved&) { return Json::object(); }
/// These two answer requests which this dialect cannot express.
Json fields(const message::Playing&) { std::abort(); }
Json fields(const message::Restarted&) { std::abort(); }

const char* type(const Message& message) {
  static constexpr const char* types[] = {"joined",
                                          "resumed",
                                          "published",
                                          "ok",
                                          "pong",
                                          "offer",
                                          "subscription",
                                          "quality",
                                          "encodings",
                                          "iceServers",
                                          "candidate",
                                          "connection",
                                          "moved",
                                          "participantJoined",
                                          "participantUpdated",
                                          "participantLeft",
                                          "trackPublished",
                                          "trackUpdated",
                                          "trackUnpublished",
                                          "speakers",
                                          "chat",
                                          "waiting",
                                          "lobby",
                                          "roomState",
                                          "direct",
                                          "error",
                                          "closed",
                                          "",
                                          ""};
  static_assert(std::size(types) == std::variant_size_v<Message>);
  return types[message.index()];
}

}  // namespace

std::string write(const std::string& mark, const Message& message) {
  Json json = {{"type", type(message)}};
  if (!mark.empty()) json["id"] = Json::parse(mark);
  json.update(std::visit([](const auto& body) { return fields(body); }, message));
  // What workers and other clients wrote is repeated here; should it not be UTF-8, the reader still gets JSON.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace parley::signaling::json
