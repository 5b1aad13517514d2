#include "tests/sim/client.hpp"

#include <algorithm>

namespace parley::sim {

namespace message = signaling::message;
namespace request = signaling::request;
using loadtest::ProbeCount;

namespace {

/// Replies are told apart by their marks.
constexpr std::string_view join_mark = "join";
constexpr std::string_view resume_mark = "resume";
constexpr std::string_view publish_mark = "publish ";

std::optional<std::uint32_t> publish_number(const std::string& mark) {
  if (!mark.starts_with(publish_mark)) return {};
  return static_cast<std::uint32_t>(std::stoul(mark.substr(publish_mark.size())));
}

signaling::RequestMessage to_request(const loadtest::PublishOffer& offer) {
  request::Publish publish{.sdp = offer.sdp, .tracks = {}, .replace = offer.replace};
  for (const auto& track : offer.tracks) {
    request::PublishedSection section;
    section.mid = track.mid;
    section.source = track.kind == control::Kind::audio ? signaling::Source::microphone : signaling::Source::camera;
    publish.tracks.push_back(std::move(section));
  }
  return {std::string(publish_mark) + std::to_string(offer.number), std::move(publish)};
}

signaling::RequestMessage to_request(const loadtest::SubscribeAnswer& answer) {
  return {"answer", request::Answer{answer.revision, answer.sdp}};
}

signaling::RequestMessage to_request(const loadtest::AskForOffer& wish) { return {"restart", request::Restart{wish.replace}}; }

loadtest::SubscribeOffer from_message(const message::Offer& offer) {
  loadtest::SubscribeOffer result{.revision = offer.revision, .sdp = offer.sdp, .tracks = {}, .replace = offer.replace};
  for (const auto& section : offer.tracks) result.tracks.push_back({section.mid, section.track});
  return result;
}

loadtest::PeerSettings peer_settings(const Client::Settings& settings) {
  loadtest::PeerSettings result{client_address(settings.number), settings.tracks, "client-" + std::to_string(settings.number)};
  result.data = settings.data;
  return result;
}

}  // namespace

Client::Client(const transport::Certificate& certificate, transport::Cipher& cipher, Settings settings, Random random)
    : settings_(std::move(settings)), peer_(certificate, cipher, peer_settings(settings_), std::move(random)) {}

void Client::connected(Time, ClientOutput& out) {
  if (session_.empty()) return join(out);
  out.requests.push_back({std::string(resume_mark), request::Resume{session_}});
}

void Client::join(ClientOutput& out) {
  request::Join join;
  join.token = settings_.token;
  out.requests.push_back({std::string(join_mark), std::move(join)});
}

void Client::receive(Time now, const signaling::Message& message, const std::string& mark, ClientOutput& out) {
  mark_ = mark;
  std::visit([&](const auto& content) { handle(now, content, out); }, message);
  speak(out);
}

void Client::handle(Time now, const message::Joined& joined, ClientOutput& out) {
  session_ = joined.session;
  joined_ = true;
  meet(joined.participants);
  peer_.start(now, out.peer);
}

void Client::handle(Time now, const message::Resumed& resumed, ClientOutput& out) {
  meet(resumed.participants);
  peer_.receive(now, loadtest::Resumed{}, out.peer);
  if (resumed.offer) peer_.receive(now, from_message(*resumed.offer), out.peer);
}

void Client::handle(Time now, const message::Published& published, ClientOutput& out) {
  if (const auto number = publish_number(mark_)) peer_.receive(now, loadtest::PublishAnswer{*number, published.sdp}, out.peer);
}

void Client::handle(Time now, const message::Offer& offer, ClientOutput& out) {
  peer_.receive(now, from_message(offer), out.peer);
}

void Client::handle(Time now, const message::Moved&, ClientOutput& out) { peer_.receive(now, loadtest::Moved{}, out.peer); }

void Client::handle(Time, const message::ParticipantJoined& joined, ClientOutput&) {
  others_[joined.participant.participant] = joined.participant.identity;
}

void Client::handle(Time, const message::ParticipantLeft& left, ClientOutput&) { others_.erase(left.participant); }

void Client::handle(Time now, const message::Failed& failed, ClientOutput& out) {
  errors_.push_back(failed.error);
  if (const auto number = publish_number(mark_)) {
    peer_.receive(now, loadtest::PublishRefused{*number}, out.peer);
  } else if (mark_ == resume_mark) {
    // Too late to resume: the media has gone with the session, so everything begins anew.
    peer_.leave(now, out.peer);
    session_.clear();
    joined_ = false;
    join(out);
  }
}

void Client::meet(const std::vector<signaling::ParticipantInfo>& participants) {
  others_.clear();
  for (const auto& participant : participants) others_[participant.participant] = participant.identity;
}

void Client::leave(Time now, ClientOutput& out) {
  peer_.leave(now, out.peer);
  out.requests.push_back({"leave", request::Leave{}});
  left_ = true;
  joined_ = false;
}

void Client::receive(Time now, const Path& path, MutableBytes datagram, ClientOutput& out) {
  peer_.receive(now, path, datagram, out.peer);
  peer_.advance(now, out.peer);
  speak(out);
}

void Client::advance(Time now, ClientOutput& out) {
  peer_.advance(now, out.peer);
  speak(out);
}

void Client::speak(ClientOutput& out) {
  for (const auto& signal : std::exchange(out.peer.signals, {}))
    out.requests.push_back(std::visit([](const auto& content) { return to_request(content); }, signal));
}

std::optional<std::uint64_t> Client::frames_from(ClientNumber publisher, std::size_t tracks) const {
  if (!peer_.subscriber()) return {};
  std::size_t found = 0;
  std::uint64_t fewest = ~std::uint64_t{0};
  for (const auto& [mid, track] : peer_.subscriber()->tracks()) {
    if (!track.probe().source() || track.probe().source()->publisher != publisher) continue;
    ++found;
    fewest = std::min(fewest, track.probe().counters()[ProbeCount::frames_shown]);
  }
  return found == tracks ? std::optional(fewest) : std::nullopt;
}

Counters<ProbeCount> Client::received() const {
  Counters<ProbeCount> sum;
  if (!peer_.subscriber()) return sum;
  for (const auto& [mid, track] : peer_.subscriber()->tracks()) sum += track.probe().counters();
  return sum;
}

Duration Client::longest_gap() const {
  Duration longest{};
  if (!peer_.subscriber()) return longest;
  for (const auto& [mid, track] : peer_.subscriber()->tracks()) longest = std::max(longest, track.probe().longest_gap());
  return longest;
}

void Client::forgive(Time now) {
  if (!peer_.subscriber()) return;
  for (auto& [mid, track] : peer_.subscriber()->tracks()) track.probe().forgive(now);
}

std::string Client::complaint() const {
  if (const auto* data = peer_.data()) {
    for (const auto& counts : data->modes) {
      if (counts.misplaced > 0) return "gets messages that are damaged, out of order, or of another room";
      if (counts.repeated > 0) return "gets messages twice";
    }
    if ((*data)[loadtest::DataMode::all].lost + (*data)[loadtest::DataMode::wait].lost > 0) return "misses reliable messages";
  }
  if (!peer_.subscriber()) return {};
  for (const auto& [mid, track] : peer_.subscriber()->tracks()) {
    const auto& source = track.probe().source();
    if (!source) continue;
    if (source->room != settings_.room) return "gets media of room " + std::to_string(source->room);
    if (source->publisher == settings_.number) return "gets its own media";
  }
  const auto counters = received();
  if (counters[ProbeCount::wrong_source] > 0) return "gets two sources on one track";
  if (counters[ProbeCount::damaged] > 0) return "gets damaged media";
  if (counters[ProbeCount::misplaced] > 0) return "gets packets under wrong sequence numbers";
  return {};
}

}  // namespace parley::sim
