#include "loadtest/publisher.hpp"

#include <algorithm>

namespace parley::loadtest {

Publisher::Publisher(const transport::Certificate& certificate, transport::Cipher& cipher, Ports& ports,
                     const std::vector<SourceSettings>& tracks, bool data, std::string cname, Random random)
    : certificate_(&certificate),
      data_(data),
      cname_(std::move(cname)),
      connection_(certificate, cipher, ports, Random::from_number(random.next())),
      context_{connection_, static_cast<std::uint16_t>(random.next()), {}} {
  for (const auto& settings : tracks) tracks_.emplace_back(std::to_string(tracks_.size()), settings, random);
}

sdp::Session Publisher::make_offer() {
  std::vector<OfferedSection> sections;
  for (const auto& track : tracks_) {
    OfferedSection section{.mid = track.mid(), .codec = track.source().codec(), .rids = {}, .streams = track.streams(cname_)};
    for (const auto& layer : track.source().settings().layers) section.rids.push_back(layer.rid);
    sections.push_back(std::move(section));
  }
  const LocalEnd local{connection_.credentials(), certificate_->fingerprint()};
  auto offer = loadtest::make_offer(sections, local, ++version_);
  if (data_) add_data_section(local, offer);
  return offer;
}

Result<RemoteEnd> Publisher::accept(Time now, const sdp::Session& answer) {
  auto remote = remote_end(answer);
  if (!remote) return remote;
  for (auto& track : tracks_)
    for (const auto& section : answer.sections)
      if (section.mid == track.mid()) track.negotiated(section);
  if (const auto parameters = data_parameters(answer)) connection_.enable_channels(*parameters);
  connection_.connect(now, *remote);
  return remote;
}

void Publisher::receive(Time now, const Path& path, MutableBytes datagram, Outbox& out) {
  const auto received = connection_.receive(now, path, datagram, out);
  if (received.kind == Connection::Received::Kind::rtp) out.drops.add(DropReason::rtp_not_publishing);
  if (received.kind != Connection::Received::Kind::rtcp) return;
  rtp::Compound messages(received.packet);
  while (const auto message = messages.next()) std::visit([&](const auto& content) { handle(now, content, out); }, *message);
  if (!messages.ok()) out.drops.add(DropReason::rtcp_malformed);
}

void Publisher::handle(Time now, const rtp::Nack& nack, Outbox& out) {
  for (auto& track : tracks_) track.retransmit(now, nack.media, nack.sequences, context_, out);
}

void Publisher::handle(Time, const rtp::Pli& pli, Outbox&) { request_keyframe(pli.media); }

void Publisher::handle(Time, const rtp::Fir& fir, Outbox&) {
  for (const auto& request : fir.requests) request_keyframe(request.media);
}

void Publisher::handle(Time, const rtp::ReceiverReport& report, Outbox&) { acknowledge(report.blocks); }

void Publisher::handle(Time, const rtp::SenderReport& report, Outbox&) { acknowledge(report.blocks); }

void Publisher::handle(Time, const rtp::TransportFeedback& feedback, Outbox&) {
  const auto arrived = std::ranges::count_if(feedback.arrivals, [](const auto& arrival) { return arrival.has_value(); });
  context_.counters.add(SendCount::transport_feedback, static_cast<std::uint64_t>(arrived));
}

void Publisher::acknowledge(std::span<const rtp::ReportBlock> blocks) {
  context_.counters.add(SendCount::reports, blocks.size());
  for (const auto& block : blocks)
    for (auto& track : tracks_) track.acknowledge(block.source);
}

void Publisher::request_keyframe(Ssrc media) {
  context_.counters.add(SendCount::keyframe_requests);
  for (auto& track : tracks_)
    if (track.has(media)) track.source().request_keyframe();
}

void Publisher::advance(Time now, Outbox& out) {
  connection_.advance(now, out);
  if (connection_.state() != Connection::State::connected) return;
  if (next_report_ == never) next_report_ = now + report_interval;
  for (auto& track : tracks_) {
    track.source().start(now);
    track.advance(now, context_, out);
  }
  if (next_report_ <= now) send_reports(now, out);
}

void Publisher::send_reports(Time now, Outbox& out) {
  next_report_ = now + report_interval;
  std::vector<rtp::SenderReport> reports;
  for (auto& track : tracks_) track.report(now, reports);
  for (const auto& report : reports) {
    std::array<std::uint8_t, 512> packet;
    Writer writer(packet);
    rtp::write(report, writer);
    rtp::write_cname(report.sender, cname_, writer);
    connection_.send_rtcp(writer.written(), out);
  }
}

Time Publisher::wakeup() const {
  Time wakeup = connection_.wakeup();
  if (connection_.state() != Connection::State::connected) return wakeup;
  wakeup = std::min(wakeup, next_report_ == never ? Time{} : next_report_);
  for (const auto& track : tracks_) wakeup = std::min(wakeup, track.wakeup());
  return wakeup;
}

}  // namespace parley::loadtest
