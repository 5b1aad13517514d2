#include "loadtest/received_track.hpp"

#include "loadtest/source.hpp"
#include "sfu/media/rtx.hpp"

namespace parley::loadtest {

using control::Kind;

ReceivedTrack::ReceivedTrack(TrackId track, const sdp::Section& section, Scrutiny scrutiny)
    : track_(track),
      mid_(section.mid),
      kind_(section.kind == sdp::Kind::audio ? Kind::audio : Kind::video),
      payload_type_(section.codecs.front().payload_type),
      retransmission_type_(section.codecs.front().rtx),
      retransmission_ssrc_(section.streams.front().rtx),
      scrutiny_(scrutiny),
      stats_(section.streams.front().ssrc, section.codecs.front().clock_rate),
      keyframes_(section.streams.front().ssrc),
      tally_(kind_) {}

bool ReceivedTrack::needs_content(Ssrc ssrc) {
  if (scrutiny_.one_in == 1 || ssrc != stats_.ssrc()) return true;
  if (until_inspection_ > 0) return --until_inspection_, false;
  until_inspection_ = scrutiny_.one_in - 1;
  return true;
}

void ReceivedTrack::receive(Time now, const rtp::PacketView& packet, std::size_t octets, Drops& drops) {
  const bool repaired = packet.ssrc != stats_.ssrc();
  std::optional<rtp::PacketView> original = packet;
  if (repaired) original = media::unwrap_rtx(packet, stats_.ssrc(), payload_type_);
  if (!original) return drops.add(packet.padding_only() ? DropReason::rtp_padding_only : DropReason::rtx_malformed);
  if (repaired && stats_.packets() == 0) return drops.add(DropReason::rtx_without_original);
  if (original->payload_type != payload_type_) return drops.add(DropReason::rtp_unknown_payload_type);
  const auto arrival = repaired ? stats_.receive_repaired(*original) : stats_.receive(now, *original);
  if (arrival.drop) drops.add(*arrival.drop);
  const Arrival whole{arrival.sequence, original->marker, octets, repaired};
  const Bytes content = pattern_in(kind_, original->payload);
  if (scrutiny_.one_in == 1) return judge(now, whole, content);
  if (arrival.drop) return;
  measure_delay(now, probe_.inspect(arrival.sequence, content));
  ++quality_.verified;
  quality_.damaged = probe_.counters()[ProbeCount::damaged];
  quality_.misplaced = probe_.counters()[ProbeCount::misplaced] + probe_.counters()[ProbeCount::wrong_source];
  tally(now, whole);
}

void ReceivedTrack::count(Time now, const rtp::PacketView& packet, std::size_t octets, Drops& drops) {
  if (packet.payload_type != payload_type_) return drops.add(DropReason::rtp_unknown_payload_type);
  const auto arrival = stats_.receive(now, packet);
  if (arrival.drop) return drops.add(*arrival.drop);
  tally(now, {arrival.sequence, packet.marker, octets, false});
}

void ReceivedTrack::tally(Time now, const Arrival& arrival) {
  if (lowest_ == 0) lowest_ = highest_ = arrival.sequence;
  lowest_ = std::min(lowest_, arrival.sequence);
  highest_ = std::max(highest_, arrival.sequence);
  if (!quality_.first_packet) quality_.first_packet = now;
  ++quality_.packets;
  quality_.octets += arrival.octets;
  quality_.missing = static_cast<std::uint64_t>(highest_ - lowest_ + 1) - quality_.packets;
  if (arrival.repaired) ++quality_.repaired;

  const auto outcome = tally_.receive(now, arrival.sequence, arrival.marker, quality_);
  if (kind_ == Kind::audio) return;
  nacks_.receive(now, arrival.sequence);
  if (outcome == Tally::Outcome::gave_up) keyframes_.request(now);
  if (outcome == Tally::Outcome::shown) keyframes_.keyframe_received();
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
