#include "loadtest/signaling_janus.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

namespace parley::loadtest {

using nlohmann::json;

namespace {

constexpr const char* create = "create";
constexpr const char* attach_member = "member";
constexpr const char* attach_receiver = "receiver";
constexpr const char* make_room = "room";
constexpr const char* join_room = "join";
constexpr const char* feeds = "feeds";
constexpr std::string_view publish = "publish ";

json request(const std::string& kind, const std::string& transaction, std::uint64_t session, std::uint64_t handle = 0) {
  json message{{"janus", kind}, {"transaction", transaction}};
  if (session != 0) message["session_id"] = session;
  if (handle != 0) message["handle_id"] = handle;
  return message;
}

void say(const json& message, SignalingOutput& out) { out.web.push_back(SendText{message.dump()}); }

std::string text_of(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

/// Our end is always the DTLS client; Janus, if it may choose, would be it.
std::string as_dtls_client(std::string sdp) {
  constexpr std::string_view open_choice = "a=setup:actpass";
  for (auto at = sdp.find(open_choice); at != sdp.npos; at = sdp.find(open_choice))
    sdp.replace(at, open_choice.size(), "a=setup:active");
  return sdp;
}

/// We name no candidates: an ICE-lite server learns where we are from our checks.
void say_no_candidates(std::uint64_t session, std::uint64_t handle, SignalingOutput& out) {
  json message = request("trickle", "trickle", session, handle);
  message["candidate"] = {{"completed", true}};
  say(message, out);
}

/// An array or object within an object; an empty one where there is none.
json part_of(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_structured() ? *found : json::object();
}

}  // namespace

void JanusSignaling::start(Time, SignalingOutput& out) { out.web.push_back(OpenSocket{url_, "janus-protocol"}); }

void JanusSignaling::receive(Time now, const FromWeb& event, SignalingOutput& out) {
  if (std::holds_alternative<SocketOpened>(event)) say(request("create", create, 0), out);
  if (const auto* text = std::get_if<SocketText>(&event)) receive_text(now, text->text, out);
  if (const auto* closed = std::get_if<SocketClosed>(&event)) end(closed->reason);
}

void JanusSignaling::receive_success(Time now, const std::string& transaction, std::uint64_t id, SignalingOutput& out) {
  if (transaction == create) {
    session_ = id;
    keepalive_ = now + keepalive_interval;
    json attach = request("attach", attach_member, session_);
    attach["plugin"] = "janus.plugin.videoroom";
    say(attach, out);
  } else if (transaction == attach_member) {
    member_handle_ = id;
    json message = request("message", make_room, session_, member_handle_);
    message["body"] = {{"request", "create"}, {"room", room_}, {"publishers", 10'000},
                       {"bitrate", 0},        {"fir_freq", 0}, {"videocodec", "vp8,vp9,h264"}};
    say(message, out);
  } else if (transaction == make_room) {
    json message = request("message", join_room, session_, member_handle_);
    message["body"] = {{"request", "join"}, {"ptype", "publisher"}, {"room", room_}, {"display", visitor_.identity}};
    say(message, out);
  } else if (transaction == attach_receiver) {
    receiver_handle_ = id;
    negotiating_ = false;
    ask_for_feeds(out);
  }
}

void JanusSignaling::receive_text(Time now, const std::string& text, SignalingOutput& out) {
  const json message = json::parse(text, nullptr, false);
  if (!message.is_object()) return end("the server does not speak Janus' protocol");
  const std::string kind = text_of(message, "janus");
  const std::string transaction = text_of(message, "transaction");
  const json data = part_of(part_of(message, "plugindata"), "data");
  // That somebody else has made the room already comes as a success with an error inside.
  if (kind == "success") return receive_success(now, transaction, number_of(part_of(message, "data"), "id"), out);
  if (kind == "error") return end(transaction + ": " + text_of(part_of(message, "error"), "reason"));
  if (kind == "timeout") return end("the server has forgotten the session");
  if (kind != "event") return;
  if (data.contains("error")) return end(transaction + ": " + text_of(data, "error"));

  const std::string sdp = text_of(part_of(message, "jsep"), "sdp");
  if (text_of(data, "videoroom") == "joined") enter();
  if (transaction.starts_with(publish) && !sdp.empty()) {
    std::uint32_t number = 0;
    std::from_chars(transaction.data() + publish.size(), transaction.data() + transaction.size(), number);
    out.peer.push_back(PublishAnswer{number, sdp});
  } else if (!sdp.empty()) {
    SubscribeOffer offer{.revision = ++revision_, .sdp = sdp, .tracks = {}};
    for (const auto& stream : part_of(data, "streams")) {
      const auto key = std::pair(number_of(stream, "feed_id"), text_of(stream, "feed_mid"));
      const TrackId track = tracks_.try_emplace(key, TrackId{tracks_.size() + 1}).first->second;
      offer.tracks.push_back({text_of(stream, "mid"), track});
    }
    out.peer.push_back(std::move(offer));
  }
  if (!visitor_.watches) return;
  for (const auto& publisher : part_of(data, "publishers")) feeds_.push_back(number_of(publisher, "id"));
  ask_for_feeds(out);
}

/// One negotiation at a time: what is published meanwhile waits for the answer.
void JanusSignaling::ask_for_feeds(SignalingOutput& out) {
  if (feeds_.empty() || negotiating_) return;
  if (receiver_handle_ == 0) {
    negotiating_ = true;
    json attach = request("attach", attach_receiver, session_);
    attach["plugin"] = "janus.plugin.videoroom";
    return say(attach, out);
  }
  json streams = json::array();
  for (const std::uint64_t feed : std::exchange(feeds_, {})) streams.push_back({{"feed", feed}});
  json message = request("message", loadtest::feeds, session_, receiver_handle_);
  if (std::exchange(receiver_joined_, true))
    message["body"] = {{"request", "subscribe"}, {"streams", streams}};
  else
    message["body"] = {{"request", "join"}, {"ptype", "subscriber"}, {"room", room_}, {"streams", streams}};
  negotiating_ = true;
  say(message, out);
}

void JanusSignaling::receive(Time, const ToServer& message, SignalingOutput& out) {
  if (const auto* offer = std::get_if<PublishOffer>(&message)) {
    json publishing = request("message", std::string(publish) + std::to_string(offer->number), session_, member_handle_);
    publishing["body"] = {{"request", "publish"}};
    publishing["jsep"] = {{"type", "offer"}, {"sdp", as_dtls_client(offer->sdp)}};
    say(publishing, out);
    say_no_candidates(session_, member_handle_, out);
  } else if (const auto* answer = std::get_if<SubscribeAnswer>(&message)) {
    json starting = request("message", "start", session_, receiver_handle_);
    starting["body"] = {{"request", "start"}};
    starting["jsep"] = {{"type", "answer"}, {"sdp", answer->sdp}};
    say(starting, out);
    say_no_candidates(session_, receiver_handle_, out);
    negotiating_ = false;
    ask_for_feeds(out);
  } else {
    json restarting = request("message", loadtest::feeds, session_, receiver_handle_);
    restarting["body"] = {{"request", "configure"}, {"restart", true}};
    say(restarting, out);
  }
}

void JanusSignaling::leave(Time, SignalingOutput& out) {
  if (session_ != 0) say(request("destroy", "destroy", session_), out);
  out.web.push_back(CloseSocket{});
}

void JanusSignaling::advance(Time now, SignalingOutput& out) {
  if (now < keepalive_) return;
  keepalive_ = now + keepalive_interval;
  say(request("keepalive", "keepalive", session_), out);
}

}  // namespace parley::loadtest
