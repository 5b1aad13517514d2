#include "loadtest/subscriber.hpp"

#include <algorithm>

#include "sfu/transport/classify.hpp"

namespace parley::loadtest {

Subscriber::Subscriber(const transport::Certificate& certificate, transport::Cipher& cipher, Ports& ports, Random random,
                       Scrutiny scrutiny)
    : certificate_(&certificate),
      connection_(certificate, cipher, ports, Random::from_number(random.next())),
      own_ssrc_{random.next32()},
      scrutiny_(scrutiny),
      next_track_(own_ssrc_.value % std::max(scrutiny.one_in, 1u)),
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
    if (active && named != tracks.end()) {
      sdp::Section agreed = offer.sections[i];
      agreed.codecs = answer.sections[i].codecs;
      update_track(agreed, named->second);
    } else {
      forget(tracks_.find(offer.sections[i].mid));
    }
  }
  index_tracks();
  connection_.connect(now, *remote);
  return answer;
}

sdp::Session Subscriber::make_play_offer(const std::vector<sdp::Kind>& kinds) {
  return loadtest::make_play_offer(kinds, {connection_.credentials(), certificate_->fingerprint()});
}

Result<RemoteEnd> Subscriber::accept(Time now, const sdp::Session& answer) {
  auto remote = remote_end(answer);
  if (!remote) return remote;
  for (const auto& section : answer.sections) {
    const bool sends = section.direction == sdp::Direction::sendonly || section.direction == sdp::Direction::sendrecv;
    if (sends && !section.rejected() && !section.codecs.empty()) update_track(section, TrackId{tracks_.size() + 1});
  }
  index_tracks();
  connection_.connect(now, *remote);
  return remote;
}

void Subscriber::update_track(const sdp::Section& section, TrackId track) {
  const auto known = tracks_.find(section.mid);
  const bool unchanged = known != tracks_.end() && known->second.track() == track &&
                         (section.streams.empty() || known->second.ssrc() == section.streams.front().ssrc);
  if (!unchanged) {
    forget(known);
    tracks_.emplace(section.mid, ReceivedTrack(track, section, scrutiny_of_next_track()));
  }
  for (const auto& extension : section.extensions)
    if (const auto kind = rtp::from_uri(extension.uri)) extensions_.set(*kind, extension.id);
}

Scrutiny Subscriber::scrutiny_of_next_track() {
  if (scrutiny_.content == Scrutiny::Content::patterns || scrutiny_.one_in == 0) return scrutiny_;
  const bool watched = next_track_++ % scrutiny_.one_in == 0;
  return {.one_in = watched ? 1u : 0u, .content = scrutiny_.content};
}

void Subscriber::forget(std::map<std::string, ReceivedTrack>::iterator track) {
  if (track == tracks_.end()) return;
  past_ += track->second.quality();
  tracks_.erase(track);
}

void Subscriber::index_tracks() {
  by_ssrc_ = {};
  for (auto& [mid, track] : tracks_) {
    by_ssrc_.find_or_add(track.ssrc()) = &track;
    if (track.retransmission_ssrc()) by_ssrc_.find_or_add(*track.retransmission_ssrc()) = &track;
  }
}

ReceivedTrack* Subscriber::find(Ssrc ssrc) {
  ReceivedTrack** const found = by_ssrc_.find(ssrc);
  return found ? *found : nullptr;
}

ReceivedTrack* Subscriber::learn(const rtp::PacketView& packet) {
  const auto mid = rtp::read_text(packet, extensions_, rtp::Extension::mid);
  ReceivedTrack* owner = nullptr;
  for (auto& [name, track] : tracks_) {
    if (mid ? *mid != name : !track.misses(packet.payload_type)) continue;
    if (owner) return nullptr;  // it might be either's
    owner = &track;
  }
  if (!owner || !owner->learn(packet.ssrc, packet.payload_type)) return nullptr;
  index_tracks();
  return owner;
}

void Subscriber::add_quality(Time now, Quality& sum) const {
  sum += past_;
  for (const auto& [mid, track] : tracks_) {
    sum += track.quality();
    sum.stand(now, track.quality().last_frame);
  }
}

void Subscriber::receive(Time now, const Path& path, MutableBytes datagram, Outbox& out) {
  if (transport::classify(datagram) == transport::PacketKind::rtp) return receive_rtp(now, path, datagram, out);
  const auto received = connection_.receive(now, path, datagram, out);
  if (received.kind == Connection::Received::Kind::rtcp) receive_rtcp(now, received.packet, out);
}

void Subscriber::receive_rtp(Time now, const Path& path, MutableBytes datagram, Outbox& out) {
  const auto header = rtp::parse_header(datagram);
  if (!header) return out.drops.add(DropReason::rtp_malformed);
  ReceivedTrack* track = find(header->ssrc);
  const std::size_t octets = datagram.size();
  std::optional<rtp::PacketView> packet = header;
  const bool counted = track && !track->needs_content(header->ssrc);
  if (counted) {
    if (!connection_.heard(now)) return out.drops.add(DropReason::srtp_before_keys);
  } else {
    const auto received = connection_.receive(now, path, datagram, out);
    if (received.kind != Connection::Received::Kind::rtp) return;
    packet = rtp::parse(received.packet);
    if (!packet) return out.drops.add(DropReason::rtp_malformed);
  }
  if (const auto sequence = rtp::read_transport_sequence(*packet, extensions_)) feedback_.receive(now, *sequence, packet->ssrc);
  if (!track) track = learn(*packet);
  if (!track) return out.drops.add(DropReason::rtp_unknown_ssrc);
  if (counted)
    track->count(now, *packet, octets, out.drops);
  else
    track->receive(now, *packet, octets, out.drops);
  tracks_wakeup_ = std::min(tracks_wakeup_, track->wakeup());
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

void Subscriber::advance(Time now, Outbox& out) {
  connection_.advance(now, out);
  if (connection_.state() != Connection::State::connected) return;
  if (next_report_ == never) next_report_ = now + report_interval;
  send_requests(now, out);
  send_transport_feedback(now, out);
  if (next_report_ <= now) send_reports(now, out);
}

void Subscriber::send_requests(Time now, Outbox& out) {
  if (tracks_wakeup_ > now) return;
  tracks_wakeup_ = never;
  for (auto& [mid, track] : tracks_) {
    media::NackRequest request;
    std::vector<Ssrc> keyframes;
    track.advance(now, request, keyframes);
    if (!request.sequences.empty()) send(rtp::Nack{own_ssrc_, track.ssrc(), request.sequences}, out);
    for (const Ssrc media : keyframes) send(rtp::Pli{own_ssrc_, media}, out);
    tracks_wakeup_ = std::min(tracks_wakeup_, track.wakeup());
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
  const Time wakeup = connection_.wakeup();
  if (connection_.state() != Connection::State::connected) return wakeup;
  return std::min({wakeup, feedback_.wakeup(), next_report_ == never ? Time{} : next_report_, tracks_wakeup_});
}

}  // namespace parley::loadtest
