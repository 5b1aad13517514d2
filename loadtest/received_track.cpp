#include "loadtest/received_track.hpp"

#include <algorithm>

#include "loadtest/source.hpp"
#include "sfu/media/rtx.hpp"

namespace parley::loadtest {

using control::Kind;

ReceivedTrack::ReceivedTrack(TrackId track, const sdp::Section& section, Scrutiny scrutiny)
    : track_(track),
      mid_(section.mid),
      kind_(section.kind == sdp::Kind::audio ? Kind::audio : Kind::video),
      ssrc_known_(!section.streams.empty()),
      retransmission_ssrc_(ssrc_known_ ? section.streams.front().rtx : std::nullopt),
      scrutiny_(scrutiny),
      stats_(ssrc_known_ ? section.streams.front().ssrc : Ssrc{}, section.codecs.front().clock_rate),
      keyframes_(stats_.ssrc()),
      tally_(kind_) {
  for (const auto& codec : section.codecs) formats_.push_back({codec.payload_type, codec.rtx, rtp::codec_from_name(codec.name)});
}

bool ReceivedTrack::misses(PayloadType type) const {
  return std::ranges::any_of(formats_, [&](const Format& format) {
    return (type == format.type && !ssrc_known_) || (type == format.retransmission && !retransmission_ssrc_);
  });
}

bool ReceivedTrack::learn(Ssrc ssrc, PayloadType type) {
  if (!misses(type)) return false;
  if (std::ranges::any_of(formats_, [&](const Format& format) { return type == format.retransmission; })) {
    retransmission_ssrc_ = ssrc;
    return true;
  }
  ssrc_known_ = true;
  stats_ = media::ReceiveStats(ssrc, kind_ == Kind::audio ? 48000 : 90000);
  keyframes_ = media::KeyframeRequester(ssrc);
  return true;
}

bool ReceivedTrack::needs_content(Ssrc ssrc) {
  if (scrutiny_.one_in == 1 || ssrc != stats_.ssrc()) return true;
  if (scrutiny_.one_in == 0) return false;
  if (until_inspection_ > 0) return --until_inspection_, false;
  until_inspection_ = scrutiny_.one_in - 1;
  return true;
}

bool ReceivedTrack::choose_format(PayloadType type) {
  if (formats_[format_].type == type) return true;
  const auto found = std::ranges::find(formats_, type, &Format::type);
  if (found == formats_.end()) return false;
  format_ = static_cast<std::size_t>(found - formats_.begin());
  return true;
}

std::optional<rtp::PacketView> ReceivedTrack::unwrap(const rtp::PacketView& packet, Drops& drops) const {
  const auto format = std::ranges::find(formats_, std::optional(packet.payload_type), &Format::retransmission);
  if (format == formats_.end()) return drops.add(DropReason::rtp_unknown_payload_type), std::nullopt;
  const auto original = media::unwrap_rtx(packet, stats_.ssrc(), format->type);
  if (!original) drops.add(packet.padding_only() ? DropReason::rtp_padding_only : DropReason::rtx_malformed);
  if (original && stats_.packets() == 0) return drops.add(DropReason::rtx_without_original), std::nullopt;
  return original;
}

void ReceivedTrack::receive(Time now, const rtp::PacketView& packet, std::size_t octets, Drops& drops) {
  const bool repaired = packet.ssrc != stats_.ssrc();
  const auto original = repaired ? unwrap(packet, drops) : packet;
  if (!original) return;
  if (!choose_format(original->payload_type)) return drops.add(DropReason::rtp_unknown_payload_type);
  const auto placed = repaired ? stats_.receive_repaired(*original) : stats_.receive(now, *original);
  if (placed.drop) drops.add(*placed.drop);
  const Arrival arrival{placed.sequence, placed.timestamp, original->marker, octets, repaired};
  const bool patterns = scrutiny_.content == Scrutiny::Content::patterns;
  if (patterns && scrutiny_.one_in == 1) return judge(now, arrival, pattern_in(kind_, original->payload));
  if (placed.drop) return;
  note(now, arrival);
  if (!patterns && scrutiny_.one_in == 1) return watch(now, arrival, *original);
  if (patterns && !repaired) inspect(now, arrival, pattern_in(kind_, original->payload));
  tally(now, arrival);
}

void ReceivedTrack::count(Time now, const rtp::PacketView& packet, std::size_t octets, Drops& drops) {
  if (!choose_format(packet.payload_type)) return drops.add(DropReason::rtp_unknown_payload_type);
  const auto placed = stats_.receive(now, packet);
  if (placed.drop) return drops.add(*placed.drop);
  const Arrival arrival{placed.sequence, placed.timestamp, packet.marker, octets, false};
  note(now, arrival);
  tally(now, arrival);
}

void ReceivedTrack::note(Time now, const Arrival& arrival) {
  if (lowest_ == 0) lowest_ = highest_ = arrival.sequence;
  lowest_ = std::min(lowest_, arrival.sequence);
  highest_ = std::max(highest_, arrival.sequence);
  if (!quality_.first_packet) quality_.first_packet = now;
  ++quality_.packets;
  quality_.octets += arrival.octets;
  quality_.missing = static_cast<std::uint64_t>(highest_ - lowest_ + 1) - quality_.packets;
  if (arrival.repaired) ++quality_.repaired;
  if (kind_ == Kind::video) nacks_.receive(now, arrival.sequence);
}

void ReceivedTrack::tally(Time now, const Arrival& arrival) {
  const auto outcome = tally_.receive(now, arrival.sequence, arrival.marker, quality_);
  if (kind_ == Kind::audio) return;
  if (outcome == Tally::Outcome::gave_up) keyframes_.request(now);
  if (outcome == Tally::Outcome::shown) keyframes_.keyframe_received();
}

void ReceivedTrack::inspect(Time now, const Arrival& arrival, Bytes content) {
  measure_delay(now, probe_.inspect(arrival.sequence, content));
  ++quality_.verified;
  quality_.damaged = probe_.counters()[ProbeCount::damaged];
  quality_.misplaced = probe_.counters()[ProbeCount::misplaced] + probe_.counters()[ProbeCount::wrong_source];
}

void ReceivedTrack::watch(Time now, const Arrival& arrival, const rtp::PacketView& packet) {
  ++quality_.verified;
  const rtp::Codec codec = formats_[format_].codec;
  if (!viewer_ || viewer_->codec() != codec) viewer_.emplace(codec);
  const auto keyframes_before = quality_.keyframes;
  const bool whole = kind_ == Kind::audio || arrival.marker;
  viewer_->receive(now, {arrival.sequence, arrival.timestamp, whole, packet.payload}, stats_.clock(), quality_);
  if (kind_ == Kind::audio) return;
  if (quality_.keyframes > keyframes_before) keyframes_.keyframe_received();
  if (viewer_->stuck()) keyframes_.request(now);
}

void ReceivedTrack::judge(Time now, const Arrival& arrival, Bytes content) {
  const Counters<ProbeCount> before = probe_.counters();
  measure_delay(now, probe_.receive(now, arrival.sequence, content, arrival.repaired));
  const Counters<ProbeCount>& after = probe_.counters();
  const auto keyframes = after[ProbeCount::keyframes_shown] - before[ProbeCount::keyframes_shown];
  const auto frames = after[ProbeCount::frames_shown] - before[ProbeCount::frames_shown];
  for (std::uint64_t shown = 0; shown < frames; ++shown) quality_.show(now, shown < keyframes);
  if (!quality_.first_packet) quality_.first_packet = now;
  if (after[ProbeCount::packets] > before[ProbeCount::packets]) quality_.octets += arrival.octets;
  quality_.packets = quality_.verified = after[ProbeCount::packets];
  quality_.missing = probe_.missing();
  quality_.repaired = after[ProbeCount::repaired];
  quality_.damaged = after[ProbeCount::damaged];
  quality_.misplaced = after[ProbeCount::misplaced] + after[ProbeCount::wrong_source];

  if (kind_ == Kind::audio) return;
  nacks_.receive(now, arrival.sequence);
  if (keyframes > 0)
    keyframes_.keyframe_received();
  else if (probe_.stuck(now))
    keyframes_.request(now);
}

void ReceivedTrack::measure_delay(Time now, const std::optional<Pattern>& pattern) {
  if (!pattern) return;
  const auto delay = std::chrono::duration_cast<std::chrono::microseconds>(now - pattern->sent);
  quality_.delay.add(static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0)));
}

void ReceivedTrack::advance(Time now, media::NackRequest& nack, std::vector<Ssrc>& keyframes) {
  nacks_.advance(now, nack);
  if (nack.keyframe) keyframes_.request(now);
  keyframes_.advance(now, keyframes);
}

}  // namespace parley::loadtest
