#include "sfu/room/publishing_connection.hpp"

#include <algorithm>

#include "sfu/room/description.hpp"
#include "sfu/room/subscription.hpp"
#include "sfu/rtp/rtcp/compound.hpp"

namespace parley::room {

namespace {

/// RFC 3550 asks for about one report in 5 s; browsers need one a second for their round-trip time and to stop sending MIDs.
constexpr Duration report_interval = seconds(1);
/// The first one sooner: browsers measure the round trip from it.
constexpr Duration first_report = milliseconds(300);
constexpr std::size_t maximum_rtcp = 1200;
/// A NACK of this many sequence numbers fits into maximum_rtcp however far they lie apart.
constexpr std::size_t maximum_nacks = 256;

/// Writes one RTCP packet and sends it.
template <typename Write>
void send_rtcp(Time now, transport::Transport& transport, Outbox& out, Write write) {
  std::array<std::uint8_t, maximum_rtcp> buffer;
  Writer writer(buffer);
  write(writer);
  if (writer.ok() && writer.size() > 0) transport.send_rtcp(now, writer.written(), out);
}

transport::SctpParameters sctp_parameters(const sdp::DataSection& data) {
  // 0 means that the client takes any size; we send no more than maximum_message anyway.
  const auto largest = data.remote_maximum_message == 0 ? sdp::maximum_message : data.remote_maximum_message;
  return {sdp::sctp_port, data.remote_port, largest};
}

}  // namespace

PublishingConnection::PublishingConnection(Context& context, ParticipantId publisher, transport::IceCredentials local)
    : context_(context),
      publisher_(publisher),
      transport_(context.certificate, *context.cipher, std::move(local)),
      demultiplexer_(context.limits.ssrcs_per_participant),
      own_ssrc_{context.random.next32()},
      own_cname_(context.random.ice_characters(16)),
      transport_feedback_(own_ssrc_) {}

/// Everything that an offer leads to, worked out before anything is changed.
struct PublishingConnection::Plan {
  sdp::RemoteTransport remote;
  std::optional<transport::IceCredentials> restart;  ///< our new credentials, when the client restarts ICE
  sdp::PublishAnswer answer;
  std::vector<std::optional<TrackId>> tracks;  ///< by section; nothing where nothing is sent
};

Result<PublishingConnection::Plan> PublishingConnection::plan(const control::Publish& command) {
  const auto offer = sdp::parse(command.offer);
  if (!offer) return offer.error();
  const auto remote = sdp::remote_transport(*offer);
  if (!remote) return remote.error();
  Plan plan{*remote, {}, {}, {}};
  const bool restarts = !remote_.ufrag.empty() && remote_credentials(*remote) != remote_;
  if (restarts) plan.restart = make_credentials(context_.random);
  std::vector<sdp::PublishWish> wishes;
  for (const auto& track : command.tracks) wishes.push_back({track.mid, track.stereo, track.dtx});
  const auto local = describe_local(context_, plan.restart ? *plan.restart : transport_.local_credentials());
  auto answer = sdp::answer_publish(*offer, local, wishes);
  if (!answer) return answer.error();
  plan.answer = std::move(*answer);
  if (const auto assigned = assign_tracks(command, plan); !assigned) return assigned.error();
  return plan;
}

Result<std::monostate> PublishingConnection::assign_tracks(const control::Publish& command, Plan& plan) const {
  std::size_t spare = 0;
  std::uint32_t active = 0;
  for (std::uint32_t index = 0; index < plan.answer.sections.size(); ++index) {
    const auto& section = plan.answer.sections[index];
    auto& track = plan.tracks.emplace_back();
    if (!section.active) continue;
    if (++active > context_.limits.tracks_per_participant)
      return Error{"too_many_tracks", "At most " + std::to_string(context_.limits.tracks_per_participant) +
                                          " tracks can be published at once. Stop one before you start another."};
    const auto known = publications_.find(index);
    const auto asked = std::ranges::find(command.tracks, section.mid, &control::TrackRequest::mid);
    if (asked != command.tracks.end())
      track = asked->track;
    else if (known != publications_.end())
      track = known->second->track();
    else if (spare < command.spare.size())
      track = command.spare[spare++];
    else
      return Error{"track_unannounced", "Section " + section.mid + " of the offer sends, but `tracks` does not say what."};
  }
  return std::monostate{};
}

Result<PublishingConnection::Negotiated> PublishingConnection::negotiate(const control::Publish& command) {
  auto planned = plan(command);
  if (!planned) return planned.error();
  const auto& sections = planned->answer.sections;
  if (planned->restart)
    transport_.restart_ice(*planned->restart, remote_credentials(planned->remote));
  else
    transport_.set_remote(remote_credentials(planned->remote), remote_fingerprints(planned->remote));
  remote_ = remote_credentials(planned->remote);
  demultiplexer_.configure(sections);
  if (planned->answer.data) transport_.enable_channels(sctp_parameters(*planned->answer.data));

  Negotiated result{{publisher_, sdp::write(planned->answer.answer), {}}, {}};
  for (std::uint32_t index = 0; index < sections.size(); ++index) {
    const auto known = publications_.find(index);
    const auto& track = planned->tracks[index];
    if (known != publications_.end() && known->second->track() == track) {
      known->second->update(sections[index]);
    } else {
      if (known != publications_.end()) {
        result.ended.push_back(std::move(known->second));
        publications_.erase(known);
      }
      if (track) publications_.emplace(index, std::make_unique<Publication>(*track, publisher_, sections[index]));
    }
    if (track) result.published.tracks.push_back(publications_.at(index)->describe());
  }
  return result;
}

transport::IceCredentials PublishingConnection::restart_ice(transport::IceCredentials remote) {
  remote_ = remote;
  const auto local = make_credentials(context_.random);
  transport_.restart_ice(local, std::move(remote));
  return local;
}

std::optional<PublishingConnection::Arrival> PublishingConnection::receive_rtp(Time now, Bytes packet, Output& out) {
  auto& drops = out.outbox.drops;
  const auto view = rtp::parse(packet);
  if (!view) {
    drops.add(DropReason::rtp_malformed);
    return std::nullopt;
  }
  context_.statistics.add(Metric::rtp_received);
  const auto& ids = demultiplexer_.extensions();
  if (const auto sequence = rtp::read_transport_sequence(*view, ids)) transport_feedback_.receive(now, *sequence, view->ssrc);
  const auto result = demultiplexer_.find(*view);
  if (const auto* reason = std::get_if<DropReason>(&result)) {
    drops.add(*reason);
    return std::nullopt;
  }
  if (next_report_ == never) next_report_ = now + first_report;
  const auto& stream = std::get<Demultiplexer::Found>(result).stream;
  const auto publication = publications_.find(stream.section);
  if (publication == publications_.end()) {
    drops.add(DropReason::rtp_unknown_ssrc);
    return std::nullopt;
  }
  if (stream.retransmission) context_.statistics.add(Metric::rtx_received);
  auto accepted = stream.retransmission ? publication->second->receive_repair(now, stream.encoding, *view, ids, drops)
                                        : publication->second->receive_media(now, stream.encoding, *view, ids, drops);
  if (!accepted) return std::nullopt;
  return Arrival{publication->second.get(), std::move(*accepted)};
}

void PublishingConnection::receive_rtcp(Time now, Bytes packet, Output& out) {
  rtp::Compound messages(packet);
  while (const auto message = messages.next())
    if (const auto* report = std::get_if<rtp::SenderReport>(&*message)) receive(now, *report);
  if (!messages.ok()) out.outbox.drops.add(DropReason::rtcp_malformed);
}

void PublishingConnection::receive(Time now, const rtp::SenderReport& report) {
  for (const auto& [index, publication] : publications_) {
    auto& encodings = publication->encodings();
    for (std::size_t layer = 0; layer < encodings.size(); ++layer) {
      auto& source = encodings[layer].source;
      if (!source || source->ssrc() != report.sender) continue;
      source->stats.receive(now, report);
      if (!source->stats.clock()) continue;
      for (auto* subscription : publication->subscriptions())
        subscription->update_clock(media::Layer{layer}, *source->stats.clock());
    }
  }
}

void PublishingConnection::advance(Time now, Output& out) {
  transport_.advance(now, out.outbox);
  if (!transport_.ready()) return;
  send_feedback(now, out);
  for (const auto& [index, publication] : publications_) publication->advance(now, out);
  if (now >= next_report_) {
    send_reports(now, out);
    next_report_ = now + report_interval;
  }
}

void PublishingConnection::send_feedback(Time now, Output& out) {
  feedback_.clear();
  transport_feedback_.advance(now, feedback_);
  for (const auto& message : feedback_)
    send_rtcp(now, transport_, out.outbox, [&](Writer& writer) { rtp::write(message, writer); });

  std::vector<Ssrc> keyframes;
  for (const auto& [index, publication] : publications_) {
    for (auto& encoding : publication->encodings()) {
      if (!encoding.source) continue;
      media::NackRequest request;
      encoding.source->nack.advance(now, request);
      if (request.keyframe) encoding.source->keyframes.request(now);
      encoding.source->keyframes.advance(now, keyframes);
      if (request.sequences.empty()) continue;
      request.sequences.resize(std::min(request.sequences.size(), maximum_nacks));
      context_.statistics.add(Metric::nack_sent, request.sequences.size());
      const rtp::Nack nack{own_ssrc_, encoding.source->ssrc(), request.sequences};
      send_rtcp(now, transport_, out.outbox, [&](Writer& writer) { rtp::write(nack, writer); });
    }
  }
  for (const auto ssrc : keyframes) {
    context_.statistics.add(Metric::pli_sent);
    send_rtcp(now, transport_, out.outbox, [&](Writer& writer) { rtp::write(rtp::Pli{own_ssrc_, ssrc}, writer); });
  }
}

void PublishingConnection::send_reports(Time now, Output& out) {
  std::vector<rtp::ReportBlock> blocks;
  for (const auto& [index, publication] : publications_) {
    for (auto& encoding : publication->encodings()) {
      if (encoding.source)
        if (const auto block = encoding.source->stats.report(now)) blocks.push_back(*block);
      if (encoding.repairs)
        if (const auto block = encoding.repairs->report(now)) blocks.push_back(*block);
    }
  }
  for (std::size_t first = 0; first < blocks.size(); first += rtp::maximum_report_blocks) {
    const auto count = std::min(rtp::maximum_report_blocks, blocks.size() - first);
    const auto begin = blocks.begin() + static_cast<std::ptrdiff_t>(first);
    send_rtcp(now, transport_, out.outbox, [&](Writer& writer) {
      rtp::write(rtp::ReceiverReport{own_ssrc_, {begin, begin + static_cast<std::ptrdiff_t>(count)}}, writer);
      rtp::write_cname(own_ssrc_, own_cname_, writer);
    });
  }
}

Time PublishingConnection::wakeup() const {
  Time earliest = transport_.wakeup();
  if (!transport_.ready()) return earliest;
  earliest = std::min({earliest, next_report_, transport_feedback_.wakeup()});
  for (const auto& [index, publication] : publications_) earliest = std::min(earliest, publication->wakeup());
  return earliest;
}

Publication* PublishingConnection::find(TrackId track) {
  for (const auto& [index, publication] : publications_)
    if (publication->track() == track) return publication.get();
  return nullptr;
}

std::unique_ptr<Publication> PublishingConnection::take(TrackId track) {
  for (auto entry = publications_.begin(); entry != publications_.end(); ++entry) {
    if (entry->second->track() != track) continue;
    auto publication = std::move(entry->second);
    publications_.erase(entry);
    return publication;
  }
  return nullptr;
}

}  // namespace parley::room
