#include "sfu/room/publication.hpp"

#include <algorithm>

#include "sfu/media/rtx.hpp"
#include "sfu/room/demultiplexer.hpp"
#include "sfu/room/subscription.hpp"

namespace parley::room {

namespace {

std::size_t cache_capacity(sdp::Kind kind) {
  return kind == sdp::Kind::video ? media::PacketCache::video_capacity : media::PacketCache::audio_capacity;
}

bool repairs(const sdp::Codec& codec) { return std::ranges::find(codec.feedback, "nack") != codec.feedback.end(); }

}  // namespace

Publication::Publication(TrackId track, ParticipantId publisher, const sdp::ReceiveSection& section)
    : track_(track),
      publisher_(publisher),
      section_(section),
      encodings_(std::max<std::size_t>(section.rids.size(), 1)),
      wanted_(encodings_.size()) {}

control::PublishedTrack Publication::describe() const {
  return {track_, section_.mid, kind(), section_.codecs.empty() ? "" : section_.codecs.front().name, section_.rids.size() > 1};
}

std::string Publication::codec_name(PayloadType type) const {
  const auto* codec = codec_of(type);
  return codec ? codec->name : "";
}

std::optional<Publication::Accepted> Publication::receive_media(Time now, std::uint32_t index, const rtp::PacketView& packet,
                                                                const rtp::ExtensionIds& ids, Drops& drops) {
  const auto* codec = codec_of(packet.payload_type);
  if (!codec) {
    drops.add(DropReason::rtp_unknown_payload_type);
    return std::nullopt;
  }
  auto& encoding = encodings_[index];
  const bool restarted = encoding.source && encoding.source->ssrc() != packet.ssrc;
  if (!encoding.source || restarted)
    encoding.source = std::make_unique<Source>(packet.ssrc, codec->clock_rate, cache_capacity(section_.kind));
  const auto arrival = encoding.source->stats.receive(now, packet);
  if (arrival.drop) {
    drops.add(*arrival.drop);
    return std::nullopt;
  }
  if (repairs(*codec)) encoding.source->nack.receive(now, arrival.sequence);
  auto accepted = accept(now, index, packet, ids, arrival, drops);
  if (accepted) accepted->new_source = restarted;
  return accepted;
}

std::optional<Publication::Accepted> Publication::receive_repair(Time now, std::uint32_t index, const rtp::PacketView& packet,
                                                                 const rtp::ExtensionIds& ids, Drops& drops) {
  const auto use = find_payload_type(section_, packet.payload_type);
  auto& encoding = encodings_[index];
  if (!use.codec || !use.retransmission) {
    drops.add(DropReason::rtp_unknown_payload_type);
    return std::nullopt;
  }
  if (!encoding.repairs || encoding.repairs->ssrc() != packet.ssrc) encoding.repairs.emplace(packet.ssrc, use.codec->clock_rate);
  if (const auto arrival = encoding.repairs->receive(now, packet); arrival.drop) {
    drops.add(*arrival.drop);
    return std::nullopt;
  }
  if (!encoding.source) {
    drops.add(packet.padding_only() ? DropReason::rtp_padding_only : DropReason::rtx_without_original);
    return std::nullopt;
  }
  const auto original = media::unwrap_rtx(packet, encoding.source->ssrc(), use.codec->payload_type);
  if (!original) {
    drops.add(packet.padding_only() ? DropReason::rtp_padding_only : DropReason::rtx_malformed);
    return std::nullopt;
  }
  const auto arrival = encoding.source->stats.receive_repaired(*original);
  if (arrival.drop) {
    drops.add(*arrival.drop);
    return std::nullopt;
  }
  encoding.source->nack.receive(now, arrival.sequence);
  return accept(now, index, *original, ids, arrival, drops);
}

std::optional<Publication::Accepted> Publication::accept(Time now, std::uint32_t index, const rtp::PacketView& packet,
                                                         const rtp::ExtensionIds& ids,
                                                         const media::ReceiveStats::Arrival& arrival, Drops& drops) {
  auto& source = *encodings_[index].source;
  Accepted accepted;
  accepted.layer = media::Layer{index};
  const auto codec = rtp::codec_from_name(codec_of(packet.payload_type)->name);
  auto media = media::make_media_packet(now, packet, arrival.sequence, arrival.timestamp, codec, ids);
  if (packet.padding_only()) {
    drops.add(DropReason::rtp_padding_only);
    accepted.padding = media;
    return accepted;
  }
  Bytes descriptor;
  if (kind() == control::Kind::video && !read_layers(now, accepted, packet, ids, media, descriptor, drops)) {
    accepted.padding = media;
    return accepted;
  }
  activity_.receive(now, accepted.layer);
  if (media.keyframe) source.keyframes.keyframe_received();
  accepted.packet = source.cache.store(media, descriptor);
  if (!accepted.packet) {
    const bool large = packet.payload.size() > media::PacketCache::maximum_payload;
    drops.add(large ? DropReason::forward_too_large : DropReason::rtp_too_old);
    return std::nullopt;
  }
  if (kind() == control::Kind::video && !muted_) source.newest_keyframe.receive(*accepted.packet);
  accepted.first = !std::exchange(started_, true);
  return accepted;
}

bool Publication::read_layers(Time now, const Accepted& accepted, const rtp::PacketView& packet, const rtp::ExtensionIds& ids,
                              media::MediaPacket& media, Bytes& descriptor, Drops& drops) {
  if (media.malformed) {
    drops.add(DropReason::rtp_payload_malformed);
    return false;
  }
  auto& dependencies = encodings_[accepted.layer.value].source->dependencies;
  std::optional<rtp::PictureSizes> sizes;
  if (media.codec == rtp::Codec::av1) {
    descriptor = rtp::find(packet, ids.id(rtp::Extension::dependency_descriptor)).value_or(Bytes{});
    if (!descriptor.empty() && !dependencies.read(descriptor, media)) {
      drops.add(DropReason::rtp_dependency_malformed);
      return false;
    }
    if (media.keyframe && dependencies.structure()) sizes = dependencies.structure()->sizes;
  } else if (media.keyframe) {
    sizes = rtp::read_picture_sizes(media.codec, media.payload);
  }
  meter_.receive(now, accepted.layer, media.frame, media.payload.size());
  if (sizes) meter_.set_sizes(accepted.layer, *sizes);
  return true;
}

void Publication::mute(bool muted) {
  muted_ = muted;
  // Whoever joins after the pause is not shown what came before its end.
  for (const auto& encoding : encodings_)
    if (encoding.source) encoding.source->newest_keyframe.forget();
}

void Publication::request_keyframe(Time now, media::Layer layer) {
  if (kind() == control::Kind::video && layer.value < encodings_.size() && encodings_[layer.value].source)
    encodings_[layer.value].source->keyframes.request(now);
}

const Source* Publication::source(Ssrc ssrc) const {
  for (const auto& encoding : encodings_)
    if (encoding.source && encoding.source->ssrc() == ssrc) return encoding.source.get();
  return nullptr;
}

const Source* Publication::source(media::Layer layer) const {
  return layer.value < encodings_.size() ? encodings_[layer.value].source.get() : nullptr;
}

Time Publication::wakeup() const {
  Time earliest = never;
  for (const auto& encoding : encodings_) earliest = std::min(earliest, encoding.wakeup());
  return kind() == control::Kind::video ? std::min(earliest, next_wanted_) : earliest;
}

media::Layer Publication::encoding_for(const media::View& view) const {
  const auto highest = encodings_.size() - 1;
  for (std::size_t i = 0; i < highest; ++i)
    for (const auto& size : meter_.sizes(media::Layer{i}))
      if (media::covers(size.width, size.height, view)) return media::Layer{i};
  return media::Layer{highest};
}

void Publication::advance(Time now, Output& out) {
  if (kind() != control::Kind::video) return;
  // Asked at once when a view has changed: the caller advances everybody then.
  next_wanted_ = now + WantedEncodings::interval;
  std::optional<media::Layer> highest;
  for (const auto* subscription : subscriptions_) highest = std::max(highest, subscription->wanted_encoding());
  if (highest) highest = std::min(*highest, media::Layer{encodings_.size() - 1});
  if (!wanted_.update(now, highest)) return;
  control::EncodingsWanted event{publisher_, track_, {}, highest.has_value()};
  for (std::size_t i = 0; highest && i <= highest->value && i < section_.rids.size(); ++i) event.rids.push_back(section_.rids[i]);
  out.tell(std::move(event));
}

const sdp::Codec* Publication::codec_of(PayloadType type) const {
  const auto use = find_payload_type(section_, type);
  return use.retransmission ? nullptr : use.codec;
}

}  // namespace parley::room
