#include "loadtest/sent_track.hpp"

#include <algorithm>

#include "loadtest/ntp.hpp"
#include "sfu/media/rtx.hpp"

namespace parley::loadtest {

using rtp::Extension;

SentTrack::Stream SentTrack::make_stream(Random& random) {
  const Ssrc ssrc{random.next32()};
  return {ssrc, static_cast<std::uint16_t>(media::first_outgoing_sequence(random)), false, media::SenderStats(ssrc)};
}

SentTrack::SentTrack(std::string mid, SourceSettings settings, Random& random)
    : mid_(std::move(mid)), source_(std::move(settings)), timestamp_offset_(random.next32()) {
  const std::size_t remembered = source_.settings().kind == control::Kind::video ? history_size : 0;
  for (const auto& layer : source_.settings().layers)
    encodings_.push_back({layer.rid, make_stream(random), make_stream(random), std::vector<Packet>(remembered)});
}

std::vector<sdp::SignalledStream> SentTrack::streams(const std::string& cname) const {
  std::vector<sdp::SignalledStream> streams;
  const bool video = source_.settings().kind == control::Kind::video;
  for (const auto& encoding : encodings_)
    streams.push_back({encoding.media.ssrc, video ? std::optional(encoding.retransmission.ssrc) : std::nullopt, cname});
  return streams;
}

void SentTrack::negotiated(const sdp::Section& answer) {
  active_ = !answer.rejected() && !answer.codecs.empty() && answer.direction == sdp::Direction::recvonly;
  if (!active_) return;
  payload_type_ = answer.codecs.front().payload_type;
  retransmission_type_ = answer.codecs.front().rtx;
  extensions_ = {};
  for (const auto& extension : answer.extensions)
    if (const auto known = rtp::from_uri(extension.uri)) extensions_.set(*known, extension.id);
}

void SentTrack::advance(Time now, SendContext& context, Outbox& out) {
  if (!active_) return;
  std::vector<Frame> frames;
  source_.advance(now, frames);
  for (auto& frame : frames) send_frame(now, frame, context, out);
}

void SentTrack::send_frame(Time now, Frame& frame, SendContext& context, Outbox& out) {
  Encoding& encoding = encodings_[frame.layer];
  const bool video = source_.settings().kind == control::Kind::video;
  clock_ = media::SenderClock{to_ntp(now), Timestamp{timestamp_offset_ + frame.timestamp}, now};
  for (auto& payload : frame.payloads) {
    const bool last = &payload == &frame.payloads.back();
    Packet packet{encoding.media.sequence++, timestamp_offset_ + frame.timestamp, last && video, std::move(payload)};
    send_packet(now, encoding, encoding.media, payload_type_, packet, {}, context, out);
    context.counters.add(SendCount::packets);
    if (!encoding.history.empty()) encoding.history[packet.sequence % history_size] = std::move(packet);
  }
}

void SentTrack::send_packet(Time now, Encoding& encoding, Stream& stream, PayloadType type, const Packet& packet, Bytes prefix,
                            SendContext& context, Outbox& out) {
  const bool repair = &stream == &encoding.retransmission;
  const auto send_time = rtp::abs_send_time(now);
  const auto transport_sequence = rtp::transport_sequence(context.transport_sequence++);
  rtp::ElementList elements;
  elements.add(extensions_.id(Extension::abs_send_time), send_time);
  elements.add(extensions_.id(Extension::transport_cc), transport_sequence);
  if (source_.settings().kind == control::Kind::audio)
    elements.add(extensions_.id(Extension::audio_level), Bytes(&audio_level_, 1));
  if (!stream.acknowledged) {
    elements.add(extensions_.id(Extension::mid), as_bytes(mid_));
    const Extension rid = repair ? Extension::repaired_rid : Extension::rid;
    if (!encoding.rid.empty()) elements.add(extensions_.id(rid), as_bytes(encoding.rid));
  }

  std::array<std::uint8_t, rtp::maximum_header> header;
  const std::uint16_t sequence = repair ? stream.sequence++ : packet.sequence;
  std::size_t size = rtp::write_header({type, packet.marker, sequence, packet.timestamp, stream.ssrc}, elements, header);
  for (const Bytes head : {prefix, packet.payload.head()}) {
    std::ranges::copy(head, header.begin() + static_cast<std::ptrdiff_t>(size));
    size += head.size();
  }
  context.connection.send_rtp(Bytes(header).first(size), packet.payload.body(), out);
  stream.stats.sent(prefix.size() + packet.payload.size());
}

void SentTrack::set_audio_level(const rtp::AudioLevel& level) {
  audio_level_ = static_cast<std::uint8_t>((level.voice ? 0x80 : 0) | level.level);
}

bool SentTrack::has(Ssrc ssrc) const {
  return std::ranges::any_of(encodings_,
                             [&](const Encoding& e) { return e.media.ssrc == ssrc || e.retransmission.ssrc == ssrc; });
}

void SentTrack::retransmit(Time now, Ssrc ssrc, const std::vector<std::uint16_t>& sequences, SendContext& context, Outbox& out) {
  if (!active_ || !retransmission_type_ || source_.settings().kind == control::Kind::audio) return;
  for (auto& encoding : encodings_) {
    if (encoding.media.ssrc != ssrc) continue;
    for (const std::uint16_t sequence : sequences) {
      context.counters.add(SendCount::nacked);
      const Packet& packet = encoding.history[sequence % history_size];
      if (packet.sequence != sequence || packet.payload.size() == 0) {
        context.counters.add(SendCount::nacked_in_vain);
        continue;
      }
      std::array<std::uint8_t, 2> original;
      Writer(original).u16(sequence);
      send_packet(now, encoding, encoding.retransmission, *retransmission_type_, packet, original, context, out);
      context.counters.add(SendCount::retransmissions);
    }
  }
}

void SentTrack::acknowledge(Ssrc ssrc) {
  for (auto& encoding : encodings_)
    for (Stream* stream : {&encoding.media, &encoding.retransmission})
      if (stream->ssrc == ssrc) stream->acknowledged = true;
}

void SentTrack::report(Time now, std::vector<rtp::SenderReport>& out) {
  if (!active_ || !clock_) return;
  for (auto& encoding : encodings_) out.push_back(encoding.media.stats.report(now, *clock_, source_.clock_rate()));
}

}  // namespace parley::loadtest
