#include "loadtest/signaling_whip.hpp"

namespace parley::loadtest {
namespace {

constexpr int created = 201;
/// The number of a DELETE: nobody waits for its reply. Offers count from 1.
constexpr std::uint64_t removal = 0;

}  // namespace

void WhipSignaling::receive(Time, const ToServer& message, SignalingOutput& out) {
  // Another kind of message asks the server to offer, which it never does here.
  if (const auto* offer = std::get_if<PublishOffer>(&message)) post(*offer, out);
}

void WhipSignaling::post(const PublishOffer& offer, SignalingOutput& out) {
  remove_session(out);
  SendCall request = call("POST", url_, offer.number);
  request.headers.emplace_back("Content-Type", "application/sdp");
  request.headers.emplace_back("Accept", "application/sdp");
  request.body = offer.sdp;
  out.web.push_back(std::move(request));
}

void WhipSignaling::receive(Time, const FromWeb& event, SignalingOutput& out) {
  if (const auto* failed = std::get_if<CallFailed>(&event); failed && failed->number != removal) return end(failed->reason);
  const auto* reply = std::get_if<CallReply>(&event);
  if (!reply || reply->number == removal) return;
  if (reply->status != created)
    return end("the server answers " + std::to_string(reply->status) + " to an offer: " + reply->body);
  if (const auto location = reply->headers.find("location"); location != reply->headers.end())
    session_url_ = resolve_location(url_, location->second);
  out.peer.push_back(PublishAnswer{static_cast<std::uint32_t>(reply->number), reply->body});
}

void WhipSignaling::remove_session(SignalingOutput& out) {
  if (!session_url_.empty()) out.web.push_back(call("DELETE", std::exchange(session_url_, {}), removal));
}

void WhipSignaling::leave(Time, SignalingOutput& out) { remove_session(out); }

SendCall WhipSignaling::call(std::string method, std::string url, std::uint64_t number) const {
  SendCall call{.number = number, .method = std::move(method), .url = std::move(url), .headers = {}, .body = {}};
  if (!visitor_.token.empty()) call.headers.emplace_back("Authorization", "Bearer " + visitor_.token);
  return call;
}

std::string resolve_location(const std::string& base, const std::string& location) {
  if (!location.starts_with('/')) return location;
  const auto authority = base.find("://");
  const auto path = authority == base.npos ? base.npos : base.find('/', authority + 3);
  return base.substr(0, path) + location;
}

}  // namespace parley::loadtest
