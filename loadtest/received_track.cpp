#include "loadtest/received_track.hpp"

#include "loadtest/source.hpp"
#include "sfu/media/rtx.hpp"

namespace parley::loadtest {

using control::Kind;

ReceivedTrack::ReceivedTrack(TrackId track, const sdp::Section& section)
    : track_(track),
      mid_(section.mid),
      kind_(section.kind == sdp::Kind::audio ? Kind::audio : Kind::video),
      payload_type_(section.codecs.front().payload_type),
      retransmission_type_(section.codecs.front().rtx),
      retransmission_ssrc_(section.streams.front().rtx),
      stats_(section.streams.front().ssrc, section.codecs.front().clock_rate),
      keyframes_(section.streams.front().ssrc) {}

void ReceivedTrack::receive(Time now, const rtp::PacketView& packet, Drops& drops) {
  if (packet.ssrc == stats_.ssrc()) {
    if (packet.payload_type != payload_type_) return drops.add(DropReason::rtp_unknown_payload_type);
    const auto arrival = stats_.receive(now, packet);
    if (arrival.drop) drops.add(*arrival.drop);
    return take(now, arrival.sequence, packet, false);
  }
  const auto original = media::unwrap_rtx(packet, stats_.ssrc(), payload_type_);
  if (!original) return drops.add(packet.padding_only() ? DropReason::rtp_padding_only : DropReason::rtx_malformed);
  if (stats_.packets() == 0) return drops.add(DropReason::rtx_without_original);
  take(now, stats_.receive_repaired(*original).sequence, *original, true);
}

void ReceivedTrack::take(Time now, Sequence sequence, const rtp::PacketView& packet, bool repaired) {
  if (kind_ == Kind::audio) return probe_.receive(now, sequence, pattern_in(kind_, packet.payload), repaired);
  const auto keyframes_before = probe_.counters()[ProbeCount::keyframes_shown];
  probe_.receive(now, sequence, pattern_in(kind_, packet.payload), repaired);
  nacks_.receive(now, sequence);
  if (probe_.counters()[ProbeCount::keyframes_shown] > keyframes_before)
    keyframes_.keyframe_received();
  else if (probe_.stuck(now))
    keyframes_.request(now);
}

void ReceivedTrack::advance(Time now, media::NackRequest& nack, std::vector<Ssrc>& keyframes) {
  nacks_.advance(now, nack);
  if (nack.keyframe) keyframes_.request(now);
  keyframes_.advance(now, keyframes);
}

Time ReceivedTrack::wakeup() const { return std::min(nacks_.wakeup(), keyframes_.wakeup()); }

}  // namespace parley::loadtest
