#include "loadtest/subscriber.hpp"

#include <algorithm>

namespace parley::loadtest {

Subscriber::Subscriber(const transport::Certificate& certificate, Ports& ports, Random random)
    : certificate_(&certificate),
      connection_(certificate, ports, Random::from_number(random.next())),
      own_ssrc_{random.next32()},
      feedback_(own_ssrc_) {}

Result<sdp::Session> Subscriber::answer(Time now, const sdp::Session& offer, const std::map<std::string, TrackId>& tracks) {
  const auto remote = remote_end(offer);
  if (!remote) return remote.error();
  // RFC 8839 section 4.4.3.2.1: new credentials in an offer are an ICE restart, and are answered by new ones.
  const bool restart = connection_.local() && connection_.is_news(*remote);
  if (restart) connection_.renew_credentials();
  sdp::Session answer = make_answer(offer, {connection_.credentials(), certificate_->fingerprint()}, ++version_);
  for (std::size_t i = 0; i < offer.sections.size(); ++i) {
    const auto named = tracks.find(offer.sections[i].mid);
    const bool active = answer.sections[i].direction == sdp::Direction::recvonly && !answer.sections[i].rejected();
    if (active && named != tracks.end() && !offer.sections[i].streams.empty()) {
      sdp::Section agreed = offer.sections[i];
      agreed.codecs = answer.sections[i].codecs;
      update_track(agreed, named->second);
    } else {
      tracks_.erase(offer.sections[i].mid);
    }
  }
  connection_.connect(now, *remote);
  return answer;
}

void Subscriber::update_track(const sdp::Section& offered, TrackId track) {
  const auto known = tracks_.find(offered.mid);
  const bool unchanged =
      known != tracks_.end() && known->second.track() == track && known->second.ssrc() == offered.streams.front().ssrc;
  if (!unchanged) tracks_.insert_or_assign(offered.mid, ReceivedTrack(track, offered));
  for (const auto& extension : offered.extensions)
    if (const auto kind = rtp::from_uri(extension.uri)) extensions_.set(*kind, extension.id);
}

void Subscriber::receive(Time now, const Path& path, MutableBytes datagram, Outbox& out) {
  const auto received = connection_.receive(now, path, datagram, out);
  if (received.kind == Connection::Received::Kind::rtp) receive_rtp(now, received.packet, out);
  if (received.kind == Connection::Received::Kind::rtcp) receive_rtcp(now, received.packet, out);
}

void Subscriber::receive_rtp(Time now, Bytes datagram, Outbox& out) {
  const auto packet = rtp::parse(datagram);
  if (!packet) return out.drops.add(DropReason::rtp_malformed);
  if (const auto sequence = rtp::read_transport_sequence(*packet, extensions_)) feedback_.receive(now, *sequence, packet->ssrc);
  ReceivedTrack* track = find(packet->ssrc);
  if (!track) return out.drops.add(DropReason::rtp_unknown_ssrc);
  track->receive(now, *packet, out.drops);
}

void Subscriber::receive_rtcp(Time now, Bytes datagram, Outbox& out) {
  rtp::Compound messages(datagram);
  while (const auto message = messages.next()) {
    const auto* report = std::get_if<rtp::SenderReport>(&*message);
    ReceivedTrack* track = report ? find(report->sender) : nullptr;
    if (track) track->receive(now, *report);
  }
  if (!messages.ok()) out.drops.add(DropReason::rtcp_malformed);
}

ReceivedTrack* Subscriber::find(Ssrc ssrc) {
  const auto found = std::ranges::find_if(tracks_, [&](const auto& entry) { return entry.second.has(ssrc); });
  return found == tracks_.end() ? nullptr : &found->second;
}

void Subscriber::advance(Time now, Outbox& out) {
  connection_.advance(now, out);
  if (connection_.state() != Connection::State::connected) return;
  if (next_report_ == never) next_report_ = now + report_interval;
  send_requests(now, out);
  send_transport_feedback(now, out);
  if (next_report_ <= now) send_reports(now, out);
}

void Subscriber::send_requests(Time now, Outbox& out) {
  for (auto& [mid, track] : tracks_) {
    if (track.wakeup() > now) continue;
    media::NackRequest request;
    std::vector<Ssrc> keyframes;
    track.advance(now, request, keyframes);
    if (!request.sequences.empty()) send(rtp::Nack{own_ssrc_, track.ssrc(), request.sequences}, out);
    for (const Ssrc media : keyframes) send(rtp::Pli{own_ssrc_, media}, out);
  }
}

void Subscriber::send_transport_feedback(Time now, Outbox& out) {
  if (feedback_.wakeup() > now) return;
  std::vector<rtp::TransportFeedback> messages;
  feedback_.advance(now, messages);
  for (const auto& message : messages) send(message, out);
}

void Subscriber::send_reports(Time now, Outbox& out) {
  next_report_ = now + report_interval;
  rtp::ReceiverReport report{own_ssrc_, {}};
  for (auto& [mid, track] : tracks_)
    if (const auto block = track.report(now)) report.blocks.push_back(*block);
  send(report, out);
}

template <typename Message>
void Subscriber::send(const Message& message, Outbox& out) {
  std::array<std::uint8_t, 1200> packet;
  Writer writer(packet);
  rtp::write(message, writer);
  if (writer.ok()) connection_.send_rtcp(writer.written(), out);
}

Time Subscriber::wakeup() const {
  Time wakeup = connection_.wakeup();
  if (connection_.state() != Connection::State::connected) return wakeup;
  wakeup = std::min({wakeup, feedback_.wakeup(), next_report_ == never ? Time{} : next_report_});
  for (const auto& [mid, track] : tracks_) wakeup = std::min(wakeup, track.wakeup());
  return wakeup;
}

}  // namespace parley::loadtest
