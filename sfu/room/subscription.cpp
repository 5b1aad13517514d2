#include "sfu/room/subscription.hpp"

namespace parley::room {

namespace {

/// Packets of a key frame and of what came behind it within the round trip that its repair took.
constexpr Sequence longest_catch_up = media::CachedKeyframe::most_packets;
/// From when a connection is agreed upon until media can flow on it: two round trips of ICE and DTLS.
constexpr Duration time_to_connect = milliseconds(500);

/// For about so many bytes of payload there is one of headers: LayerMeter counts payloads.
constexpr std::uint64_t payload_for_header = 16;
/// A picture that costs more than this share (percent) of what the network carries arrives in pieces only. A little more than it
/// carries goes on until the smaller one is there.
constexpr std::uint64_t beyond_reach = 150;
constexpr std::uint64_t percent = 100;

using Action = media::LayerSelector::Decision::Action;

}  // namespace

void Subscription::bind(Time now, OutgoingStream& stream, Departures& departures, transport::Wire& wire,
                        const sdp::SendSection& section, Output& out) {
  const bool anew = stream_ != &stream;
  if (anew) selector_.restart();
  stream_ = &stream;
  departures_ = &departures;
  wire_ = &wire;
  map_payloads(section);
  const auto& wanted = publication_->codecs().front();
  if (!find_payload(wanted.payload_type)) return refuse_codec(wanted.name, out);
  if (told_ != control::SubscriptionState::active) become(control::SubscriptionState::waiting, "", "", out);
  if (anew && !cached_keyframe(now + time_to_connect)) request_keyframe(now);
}

void Subscription::unbind() {
  if (departures_) departures_->forget(*this);
  departures_ = nullptr;
  stream_ = nullptr;
  wire_ = nullptr;
  mappings_.clear();
  usual_.reset();
}

void Subscription::map_payloads(const sdp::SendSection& section) {
  mappings_.clear();
  const sdp::Codec* opus = nullptr;
  std::optional<PayloadType> preferred_red;
  for (const auto& codec : section.codecs) {
    const auto known = rtp::codec_from_name(codec.name);
    if (known == rtp::Codec::red && !opus) preferred_red = codec.payload_type;
    if (known == rtp::Codec::opus) opus = &codec;
  }
  for (const auto& published : publication_->codecs()) {
    const bool red = rtp::codec_from_name(published.name) == rtp::Codec::red;
    if (const auto* same = sdp::find_codec(section.codecs, published)) {
      mappings_.push_back(
          {published.payload_type, {same->payload_type, same->rtx, false, opus ? opus->payload_type : PayloadType{}, {}}});
      if (same == opus) mappings_.back().outgoing.red = preferred_red;
    } else if (red && opus) {
      mappings_.push_back({published.payload_type, {opus->payload_type, opus->rtx, true, {}, {}}});
    }
  }
  usual_ = mappings_.empty() ? std::nullopt : std::optional(mappings_.front());
}

std::optional<PayloadType> Subscription::rtx_type() const {
  for (const auto& mapping : mappings_)
    if (mapping.outgoing.rtx) return mapping.outgoing.rtx;
  return std::nullopt;
}

const OutgoingPayload* Subscription::find_unusual_payload(PayloadType published) const {
  for (const auto& mapping : mappings_)
    if (mapping.published == published) return &mapping.outgoing;
  return nullptr;
}

void Subscription::forward(Time now, media::Layer layer, const media::MediaPacket& packet, Output& out) {
  if (!stream_ || !wire_->ready()) {
    out.outbox.drops.add(DropReason::forward_not_ready);
    selector_.restart();
    return;
  }
  const auto* payload = find_payload(packet.payload_type);
  if (!payload) {
    out.outbox.drops.add(DropReason::forward_codec_unsupported);
    return refuse_codec(publication_->codec_name(packet.payload_type), out);
  }
  // A packet of the chosen encoding shows by itself that it is being sent.
  if (substitute_ || !chosen_ || layer != chosen_->encoding) follow_activity(now);
  if (!selector_.current() && begin_from_cache(now, out)) return;
  if (!selector_.settled() && packet.keyframe && selector_.current() && !forwards(layer) &&
      stream_->is_past(packet, publication_->source(layer)->stats.clock())) {
    publication_->request_keyframe(now, layer);
    return out.outbox.drops.add(DropReason::forward_after_switch);
  }
  const auto decision = selector_.decide(layer, packet);
  if (!selector_.settled())
    if (const auto wanted = selector_.wants_keyframe()) publication_->request_keyframe(now, *wanted);
  if (decision.action == Action::drop || decision.action == Action::skip) {
    out.outbox.drops.add(decision.reason);
    if (decision.action == Action::skip) leave_out(now, packet, out.outbox);
    return;
  }
  if (decision.action == Action::start)
    start(now, layer, packet, decision, out);
  else
    push(now, packet, decision, out.outbox);
  if (told_ != control::SubscriptionState::active) become(control::SubscriptionState::active, "", "", out);
}

void Subscription::start(Time now, media::Layer layer, const media::MediaPacket& first,
                         const media::LayerSelector::Decision& decision, Output& out) {
  if (layer < started_) departures_->drop_media(*this, out.outbox.drops);
  started_ = layer;
  push(now, first, decision, out.outbox);
  catch_up(now, layer, first, out);
}

const media::MediaPacket* Subscription::cached_keyframe(Time now) const {
  const auto target = selector_.target() ? selector_.target() : chosen_;
  const auto* source = target ? publication_->source(target->encoding) : nullptr;
  const auto run = source ? source->newest_keyframe.find(now, source->cache) : std::nullopt;
  return run ? source->cache.find(run->first) : nullptr;
}

bool Subscription::begin_from_cache(Time now, Output& out) {
  const auto* first = cached_keyframe(now);
  // Timestamps only rise: the stream cannot go back to before what was sent on it last.
  if (!first || !find_payload(first->payload_type) || first->arrival < stream_->newest_time()) return false;
  const auto layer = selector_.target()->encoding;
  const auto decision = selector_.decide(layer, *first);
  if (decision.action != Action::start) return false;
  start(now, layer, *first, decision, out);
  if (told_ != control::SubscriptionState::active) become(control::SubscriptionState::active, "", "", out);
  return true;
}

void Subscription::set_view(const media::View& view) {
  viewing_.set_view(view);
  // Sound has no sizes to choose from and takes part in no sharing: it is sent, or its receiver has it from elsewhere.
  if (!publication_ || publication_->kind() != control::Kind::audio) return;
  choose(view.visible ? std::optional(everything_of(media::Layer{})) : std::nullopt);
}

void Subscription::choose(std::optional<media::Quality> quality) {
  if (quality == chosen_) return;
  chosen_ = quality;
  substitute_ = false;
  selector_.set_target(quality);
}

media::Demand Subscription::demand(Time now, media::OfferedQualities& offered) {
  const bool audio = publication_->kind() == control::Kind::audio;
  if (audio) {
    offered.clear();
    if (const auto rate = stream_->measure_rate(now); rate > 0) offered.push_back({{}, rate});
  } else {
    offered = publication_->offered(now);
    for (auto& quality : offered) quality.bits_per_second += quality.bits_per_second / payload_for_header;
  }
  const auto content = audio ? media::Content::audio : publication_->screen() ? media::Content::screen : media::Content::camera;
  return {.track = track_,
          .content = content,
          .view = viewing_.view(),
          .offered = offered,
          .permitted = publication_->permitted(),
          .missing = offered.empty() ? media::Limit::none : missing(offered.back().quality.encoding)};
}

media::Limit Subscription::missing(media::Layer best) const {
  if (best < publication_->wanted_encoding()) return media::Limit::publisher;
  // Its publisher was told not to send more than this receiver's network carries.
  const bool narrow = viewing_.grant().limit == media::Limit::bandwidth;
  return narrow && best < publication_->encoding_for(viewing_.view()) ? media::Limit::bandwidth : media::Limit::none;
}

void Subscription::grant(Time now, const media::Grant& grant, std::span<const media::OfferedQuality> offered,
                         std::uint64_t estimate, Output& out) {
  if (publication_->kind() == control::Kind::audio) return;
  viewing_.set_grant(grant);
  wanted_encoding_ = useful_encoding();
  const auto pause = viewing_.pause();
  if (!pause.empty())
    choose({});
  else if (grant.quality)
    choose(grant.quality->quality);
  else if (!chosen_)
    choose(everything_of(media::Layer{}));  // as soon as there is something
  if (stands_in_the_way(offered, estimate)) abandon(out);
  if (told_ != control::SubscriptionState::refused && !publication_->muted()) {
    if (!pause.empty())
      become(control::SubscriptionState::paused, std::string(pause), words_for_pause(pause), out);
    else if (told_ == control::SubscriptionState::paused)
      become(control::SubscriptionState::waiting, "", "", out);
  }
  if (auto event = viewing_.tell(now, picture(now, offered), estimate)) {
    event->participant = subscriber_;
    out.tell(std::move(*event));
  }
}

bool Subscription::stands_in_the_way(std::span<const media::OfferedQuality> offered, std::uint64_t estimate) const {
  const auto& current = selector_.current();
  if (!current || !chosen_ || chosen_->encoding >= current->encoding) return false;
  std::uint64_t rate = 0;
  for (const auto& quality : offered)
    if (quality.quality <= *current) rate = quality.bits_per_second;
  return rate * percent > beyond_reach * estimate;
}

void Subscription::abandon(Output& out) {
  selector_.abandon();
  departures_->drop_media(*this, out.outbox.drops);
  stream_->forget_sent();
}

std::optional<media::Layer> Subscription::useful_encoding() const {
  const auto& view = viewing_.view();
  const auto& grant = viewing_.grant();
  if (!view.visible || grant.limit == media::Limit::policy) return std::nullopt;
  auto useful = publication_->encoding_for(view);
  // What the network does not carry need not be sent, but the next step up, so that it can be taken.
  if (grant.limit == media::Limit::bandwidth)
    useful = std::min(useful, media::Layer{grant.quality ? grant.quality->quality.encoding.value + 1 : 0});
  return useful;
}

control::Picture Subscription::picture(Time now, std::span<const media::OfferedQuality> offered) {
  if (!selector_.current()) return {};
  media::OfferedQuality current{*selector_.current()};
  for (const auto& quality : offered)
    if (quality.quality <= *selector_.current()) current = quality;
  current.bits_per_second = stream_->measure_rate(now);
  return picture_of(current);
}

bool Subscription::send_probe(Time now, Output& out) {
  if (!stream_ || !wire_->ready()) return false;
  const auto record = stream_->newest();
  if (!record) return false;
  const auto* source = publication_->source(record->source);
  const auto* packet = source ? source->cache.find(record->sequence) : nullptr;
  const auto* payload = packet ? find_payload(packet->payload_type) : nullptr;
  const bool sent = payload ? stream_->retransmit(now, *record, *packet, *payload, *wire_, out.outbox)
                            : stream_->send_probe_padding(now, *record, rtx_type(), *wire_, out.outbox);
  if (!sent) return false;
  context_.statistics.add(Metric::probe_sent);
  return true;
}

void Subscription::follow_activity(Time now) {
  const auto active = chosen_ ? publication_->nearest_active(now, chosen_->encoding) : std::nullopt;
  if (!active) return;
  substitute_ = *active != chosen_->encoding;
  const auto target = substitute_ ? everything_of(*active) : *chosen_;
  if (target != selector_.target()) selector_.set_target(target);
}

void Subscription::push(Time now, const media::MediaPacket& packet, const media::LayerSelector::Decision& decision, Outbox& out) {
  auto* const departure = push(now, Departure::Kind::media, packet, out);
  if (!departure) return selector_.abandon();
  // Only what is sent may be what later numbers join on to.
  if (decision.action == Action::start)
    stream_->start(now, packet, publication_->source(selector_.current()->encoding)->stats.clock());
  if (!stream_->translate(now, packet, departure->record)) {
    departure->kind = Departure::Kind::nothing;
    return out.drops.add(DropReason::rtp_too_old);
  }
  departure->record.marker = decision.ends_picture;
  wire_->expect();
  if (packet.dependencies) departure->record.numbers.limit(selector_.current()->spatial, selector_.current()->temporal);
}

void Subscription::leave_out(Time now, const media::MediaPacket& packet, Outbox& out) {
  if (const auto record = stream_->skip(packet))
    if (auto* departure = push(now, Departure::Kind::padding, packet, out)) departure->record = *record;
}

Departure* Subscription::push(Time now, Departure::Kind kind, const media::MediaPacket& packet, Outbox& out) {
  const std::size_t bytes = packet.payload.size() + Downlink::packet_overhead;
  auto* const departure = departures_->push(now, publication_->kind() == control::Kind::audio, bytes, out.drops);
  if (!departure) return nullptr;
  departure->subscription = this;
  departure->kind = kind;
  departure->published = packet.payload_type;
  return departure;
}

void Subscription::catch_up(Time now, media::Layer layer, const media::MediaPacket& first, Output& out) {
  const auto& cache = publication_->source(layer)->cache;
  for (Sequence next = first.sequence + 1; selector_.current() && next <= first.sequence + longest_catch_up; ++next) {
    const auto* packet = cache.find(next);
    if (!packet || packet->payload_type != first.payload_type) continue;
    const auto decision = selector_.decide(layer, *packet);
    if (decision.action == Action::forward)
      push(now, *packet, decision, out.outbox);
    else if (decision.action == Action::skip)
      leave_out(now, *packet, out.outbox);
  }
}

void Subscription::skip(Time now, media::Layer layer, const media::MediaPacket& packet, Output& out) {
  if (stream_ && forwards(layer)) leave_out(now, packet, out.outbox);
}

void Subscription::depart(Time now, const Departure& departure, Output& out) {
  if (departure.kind == Departure::Kind::nothing) return;
  const auto& record = departure.record;
  const auto* payload = find_payload(departure.published);
  if (payload && departure.kind == Departure::Kind::padding)
    return stream_->send_padding(now, record, *payload, *wire_, out.outbox);
  const auto* source = publication_->source(record.source);
  const auto* packet = source ? source->cache.find(record.sequence) : nullptr;
  if (!payload || !packet) return out.outbox.drops.add(DropReason::pacer_expired);
  if (departure.kind == Departure::Kind::retransmission) {
    if (stream_->retransmit(now, record, *packet, *payload, *wire_, out.outbox)) context_.statistics.add(Metric::rtx_sent);
  } else if (payload->red) {
    stream_->send_redundant(now, record, *packet, source->cache.find(record.sequence - 1), *payload, *wire_, out.outbox);
    context_.statistics.add(Metric::rtp_forwarded);
  } else if (stream_->send(now, record, *packet, *payload, *wire_, out.outbox)) {
    context_.statistics.add(Metric::rtp_forwarded);
    if (stream_->repairs()) context_.statistics.add(Metric::fec_sent, stream_->take_repairs_sent());
  }
}

void Subscription::update_clock(media::Layer layer, const media::SenderClock& clock) {
  if (stream_ && forwards(layer)) stream_->update_clock(clock);
}

void Subscription::retransmit(Time now, const std::vector<std::uint16_t>& sequences, Output& out) {
  for (const auto sequence : sequences) {
    context_.statistics.add(Metric::nack_received);
    retransmit(now, sequence, out);
  }
}

void Subscription::retransmit(Time now, std::uint16_t sequence, Output& out) {
  if (!stream_) return;
  const auto lost = stream_->lost(now, sequence);
  if (const auto* reason = std::get_if<DropReason>(&lost)) {
    out.outbox.drops.add(*reason);
    return;
  }
  const auto& record = std::get<media::SentRecord>(lost);
  const auto* source = publication_->source(record.source);
  const auto* packet = source ? source->cache.find(record.sequence) : nullptr;
  const auto* payload = packet ? find_payload(packet->payload_type) : nullptr;
  if (!payload || !payload->rtx || !stream_->rtx_ssrc()) return out.outbox.drops.add(DropReason::nack_not_cached);
  if (!departures_->retransmissions().take(now, packet->payload.size()))
    return out.outbox.drops.add(DropReason::nack_over_budget);
  if (auto* departure = push(now, Departure::Kind::retransmission, *packet, out.outbox)) departure->record = record;
}

void Subscription::request_keyframe(Time now) {
  if (selector_.current()) return publication_->request_keyframe(now, selector_.current()->encoding);
  const auto wanted = chosen_ ? publication_->nearest_active(now, chosen_->encoding) : std::nullopt;
  if (wanted) publication_->request_keyframe(now, *wanted);
}

void Subscription::refuse_codec(const std::string& codec, Output& out) {
  become(control::SubscriptionState::refused, "codec_unsupported", "This browser cannot decode " + codec + ".", out);
}

void Subscription::become(control::SubscriptionState state, std::string reason, std::string message, Output& out) {
  if (told_ == state && told_reason_ == reason) return;
  told_ = state;
  told_reason_ = reason;
  out.tell(control::SubscriptionChanged{subscriber_, track_, state, std::move(reason), std::move(message)});
}

}  // namespace parley::room
