#include "sfu/room/subscribing_connection.hpp"

#include <algorithm>

#include "sfu/room/description.hpp"

namespace parley::room {

namespace {

/// Browsers place sound against picture with these; one a second is what they themselves send.
constexpr Duration report_interval = seconds(1);

sdp::Kind kind_of(const Publication& publication) {
  return publication.kind() == control::Kind::audio ? sdp::Kind::audio : sdp::Kind::video;
}

}  // namespace

SubscribingConnection::SubscribingConnection(Context& context, ParticipantId subscriber, transport::IceCredentials local)
    : transport_(context.certificate, *context.cipher, std::move(local)),
      departures_(context),
      context_(context),
      subscriber_(subscriber) {}

Subscription& SubscribingConnection::add(TrackId track) {
  return *subscriptions_.emplace_back(std::make_unique<Subscription>(context_, subscriber_, track));
}

void SubscribingConnection::place(Time now, Subscription& subscription, const std::string& cname, Output& out) {
  count_streams();
  if (client_offers_) return take_reserved_section(now, subscription, out);
  const auto& publication = *subscription.publication();
  auto* section = free_section(publication);
  if (!section) section = &append_section(publication);
  section->cname = cname;
  occupy(*section, publication);
  changed_ = true;
  subscription.become(control::SubscriptionState::waiting, "", "", out);
}

std::unique_ptr<Subscription> SubscribingConnection::remove(Time now, TrackId track, Output& out) {
  const auto found = std::ranges::find(subscriptions_, track, [](const auto& subscription) { return subscription->track(); });
  if (found == subscriptions_.end()) return nullptr;
  auto subscription = std::move(*found);
  subscriptions_.erase(found);
  count_streams();
  subscription->unbind();
  if (auto* section = section_of(track)) {
    section->track.reset();
    if (client_offers_) {
      fill_freed_section(now, out);
    } else {
      section->description.active = false;
      transport_.forget_stream(section->description.ssrc);
      if (section->description.rtx_ssrc) transport_.forget_stream(*section->description.rtx_ssrc);
      if (section->description.flexfec_ssrc) transport_.forget_stream(*section->description.flexfec_ssrc);
      section->stream.reset();
      changed_ = true;
    }
  }
  return subscription;
}

void SubscribingConnection::count_streams() {
  departures_.set_streams(static_cast<std::size_t>(std::ranges::count_if(subscriptions_, [](const auto& subscription) {
    return subscription->publication() && subscription->publication()->kind() == control::Kind::video;
  })));
}

Subscription* SubscribingConnection::find(TrackId track) {
  for (const auto& subscription : subscriptions_)
    if (subscription->track() == track) return subscription.get();
  return nullptr;
}

SubscribingConnection::Section* SubscribingConnection::section_of(TrackId track) {
  for (const auto& section : sections_)
    if (section->track == track) return section.get();
  return nullptr;
}

SubscribingConnection::Section* SubscribingConnection::free_section(const Publication& publication) {
  for (std::size_t index = 0; index < sections_.size(); ++index) {
    auto& section = *sections_[index];
    if (section.track || section.description.kind != kind_of(publication)) continue;
    // While an offer is unanswered in which the section was still alive, it cannot begin a second life.
    if (offered_ && index < offered_->size() && (*offered_)[index].active) continue;
    return &section;
  }
  return nullptr;
}

SubscribingConnection::Section& SubscribingConnection::append_section(const Publication& publication) {
  auto& section = *sections_.emplace_back(std::make_unique<Section>());
  section.description.mid = std::to_string(sections_.size() - 1);
  section.description.kind = kind_of(publication);
  return section;
}

void SubscribingConnection::occupy(Section& section, const Publication& publication) {
  auto& description = section.description;
  section.track = publication.track();
  description.active = true;
  description.codecs = sdp::offered_codecs(description.kind, publication.codecs());
  description.extensions = sdp::offered_extensions(description.kind, description.codecs);
  description.ssrc = Ssrc{context_.random.next32()};
  description.rtx_ssrc.reset();
  if (std::ranges::any_of(description.codecs, [](const auto& codec) { return codec.rtx.has_value(); }))
    description.rtx_ssrc = Ssrc{context_.random.next32()};
  description.flexfec.reset();
  description.flexfec_ssrc.reset();
  if (description.kind == sdp::Kind::video) {
    description.flexfec = sdp::flexfec_payload_type;
    description.flexfec_ssrc = Ssrc{context_.random.next32()};
  }
  description.cname = section.cname;
  description.stream_id = section.cname;
  description.track_id = "track-" + std::to_string(publication.track().value);
  section.stream =
      std::make_unique<OutgoingStream>(description, description.codecs.front().clock_rate, downlink_, context_.random);
}

void SubscribingConnection::offer_if_due(Output& out) {
  if (!changed_ || offered_ || client_offers_) return;
  changed_ = false;
  ++revision_;
  std::vector<sdp::SendSection> sections;
  std::vector<control::OfferedTrack> tracks;
  for (const auto& section : sections_) {
    sections.push_back(section->description);
    if (section->track) tracks.push_back({section->description.mid, *section->track});
  }
  const auto local = describe_local(context_, transport_.local_credentials());
  const auto offer = sdp::offer_subscribe(sections, local, revision_);
  offered_ = std::move(sections);
  out.tell(control::Offered{subscriber_, revision_, sdp::write(offer), std::move(tracks)});
}

Result<std::monostate> SubscribingConnection::accept_answer(Time now, const control::AcceptAnswer& command, Output& out) {
  if (!offered_ || command.revision != revision_)
    return Error{"stale_answer", "This answers offer " + std::to_string(command.revision) + "; " +
                                     (offered_ ? "the newest is " + std::to_string(revision_) : "none is waiting for an answer") +
                                     "."};
  const auto answer = sdp::parse(command.answer);
  if (!answer) return answer.error();
  const auto accepted = sdp::accept_answer(*offered_, *answer);
  if (!accepted) return accepted.error();
  // A client that can take nothing of what is offered answers without a transport.
  if (!std::ranges::all_of(answer->sections, &sdp::Section::rejected)) {
    const auto remote = sdp::remote_transport(*answer);
    if (!remote) return remote.error();
    transport_.set_remote(remote_credentials(*remote), remote_fingerprints(*remote));
  }
  offered_.reset();
  for (std::size_t index = 0; index < accepted->size(); ++index) start(now, *sections_[index], (*accepted)[index], out);
  return std::monostate{};
}

void SubscribingConnection::start(Time now, Section& section, const sdp::SendSection& accepted, Output& out) {
  // What the section carried when it was offered may have ended since.
  if (!section.track || section.description.ssrc != accepted.ssrc) return;
  auto* subscription = find(*section.track);
  section.stream->update(accepted);
  subscription->bind(now, *section.stream, departures_, transport_, accepted, out);
  sharing_.request(now);
  if (next_report_ == never) next_report_ = now + report_interval;
}

Result<control::Playing> SubscribingConnection::play(const control::Play& command) {
  const auto offer = sdp::parse(command.offer);
  if (!offer) return offer.error();
  const auto remote = sdp::remote_transport(*offer);
  if (!remote) return remote.error();
  const auto stream_id = context_.random.ice_characters(16);
  std::vector<sdp::SendSection> reserve(offer->sections.size());
  for (std::size_t index = 0; index < reserve.size(); ++index) {
    reserve[index].ssrc = Ssrc{context_.random.next32()};
    reserve[index].rtx_ssrc = Ssrc{context_.random.next32()};
    reserve[index].flexfec_ssrc = Ssrc{context_.random.next32()};
    reserve[index].cname = reserve[index].stream_id = stream_id;
    reserve[index].track_id = "section-" + std::to_string(index);
  }
  const auto answer = sdp::answer_play(*offer, describe_local(context_, transport_.local_credentials()), reserve);
  if (!answer) return answer.error();
  client_offers_ = true;
  transport_.set_remote(remote_credentials(*remote), remote_fingerprints(*remote));
  for (const auto& description : answer->sections) {
    auto& section = *sections_.emplace_back(std::make_unique<Section>());
    section.description = description;
    section.cname = description.cname;
  }
  return control::Playing{subscriber_, sdp::write(answer->answer)};
}

void SubscribingConnection::take_reserved_section(Time now, Subscription& subscription, Output& out) {
  const auto& publication = *subscription.publication();
  const auto& wanted = publication.codecs().front();
  bool kind_seen = false;
  for (const auto& section : sections_) {
    if (section->track || section->description.kind != kind_of(publication)) continue;
    kind_seen = true;
    if (!sdp::find_codec(section->description.codecs, wanted)) continue;
    // Its numbers go on from the track before, and count in that track's clock.
    if (section->stream && section->stream->clock_rate() != wanted.clock_rate) continue;
    section->track = publication.track();
    if (!section->stream)
      section->stream = std::make_unique<OutgoingStream>(section->description, wanted.clock_rate, downlink_, context_.random);
    start(now, *section, section->description, out);
    return;
  }
  if (kind_seen)
    subscription.become(control::SubscriptionState::refused, "codec_unsupported",
                        "This player cannot decode " + wanted.name + ".", out);
  else
    subscription.become(control::SubscriptionState::waiting, "no_free_section",
                        "The player has offered no further section for this.", out);
}

void SubscribingConnection::fill_freed_section(Time now, Output& out) {
  for (const auto& subscription : subscriptions_)
    if (!subscription->bound()) take_reserved_section(now, *subscription, out);
}

void SubscribingConnection::restart_ice() {
  transport_.restart_ice(make_credentials(context_.random));
  changed_ = true;
}

transport::IceCredentials SubscribingConnection::restart_ice(transport::IceCredentials remote) {
  const auto local = make_credentials(context_.random);
  transport_.restart_ice(local, std::move(remote));
  return local;
}

bool SubscribingConnection::receive_rtcp(Time now, Bytes packet, Output& out) {
  rtp::Compound messages(packet);
  bool asked = false;
  while (const auto message = messages.next()) asked |= receive(now, *message, out);
  if (!messages.ok()) out.outbox.drops.add(DropReason::rtcp_malformed);
  return asked;
}

bool SubscribingConnection::receive(Time now, const rtp::RtcpMessage& message, Output& out) {
  if (const auto* nack = std::get_if<rtp::Nack>(&message)) {
    if (auto* subscription = subscription_to(nack->media))
      subscription->retransmit(now, nack->sequences, out);
    else
      out.outbox.drops.add(DropReason::rtcp_unknown_ssrc);
  } else if (const auto* pli = std::get_if<rtp::Pli>(&message)) {
    request_keyframe(now, pli->media, out);
    return true;
  } else if (const auto* fir = std::get_if<rtp::Fir>(&message)) {
    for (const auto& request : fir->requests) request_keyframe(now, request.media, out);
    return true;
  } else if (const auto* feedback = std::get_if<rtp::TransportFeedback>(&message)) {
    downlink_.receive(now, *feedback);
    sharing_.hear(now, downlink_.estimate());
  } else if (const auto* remb = std::get_if<rtp::Remb>(&message)) {
    downlink_.receive(now, *remb);
    sharing_.hear(now, downlink_.estimate());
  } else if (const auto* report = std::get_if<rtp::ReceiverReport>(&message)) {
    for (const auto& block : report->blocks)
      for (const auto& section : sections_)
        if (section->stream && section->stream->ssrc() == block.source) section->stream->receive(now, block);
  }
  return false;
}

Subscription* SubscribingConnection::subscription_to(Ssrc ssrc) {
  for (const auto& section : sections_)
    if (section->track && section->description.ssrc == ssrc) return find(*section->track);
  return nullptr;
}

void SubscribingConnection::request_keyframe(Time now, Ssrc ssrc, Output& out) {
  context_.statistics.add(Metric::pli_received);
  if (auto* subscription = subscription_to(ssrc))
    subscription->request_keyframe(now);
  else
    out.outbox.drops.add(DropReason::rtcp_unknown_ssrc);
}

void SubscribingConnection::advance(Time now, Output& out) {
  transport_.advance(now, out.outbox);
  downlink_.advance(now);
  sharing_.hear(now, downlink_.estimate());
  send_probe(now, out);
  sharing_.advance(now, downlink_, subscriptions_, out);
  if (downlink_.heard()) {
    departures_.set_rate(downlink_.pacing_rate(sharing_.is_beginning(now, downlink_)));
    departures_.retransmissions().set_estimate(now, downlink_.estimate());
  }
  if (now < next_report_) return;
  if (transport_.ready()) report(now, out);
  next_report_ = now + report_interval;
}

void SubscribingConnection::report(Time now, Output& out) {
  for (const auto& section : sections_)
    if (section->track && section->stream) section->stream->report(now, section->cname, transport_, out.outbox);
}

void SubscribingConnection::send_probe(Time now, Output& out) {
  if (!downlink_.probe_due(now)) return;
  for (const auto& subscription : subscriptions_)
    while (downlink_.probe_due(now) && subscription->send_probe(now, out)) {
    }
  if (downlink_.probe_due(now)) downlink_.end_probe();
}

bool SubscribingConnection::set_view(Time now, TrackId track, const media::View& view) {
  auto* const subscription = find(track);
  if (!subscription) return false;
  subscription->set_view(view);
  sharing_.request(now);
  return true;
}

Time SubscribingConnection::wakeup() const {
  return std::min({transport_.wakeup(), downlink_.wakeup(), sharing_.wakeup(), next_report_});
}

}  // namespace parley::room
