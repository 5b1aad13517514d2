#include "sfu/room/outgoing_stream.hpp"

#include "sfu/base/prefetch.hpp"
#include "sfu/media/dependency_reader.hpp"
#include "sfu/media/red_encoder.hpp"
#include "sfu/media/rtx.hpp"
#include "sfu/rtp/payload/red.hpp"
#include "sfu/rtp/rtcp/compound.hpp"

namespace parley::room {

namespace {

/// The SSRC is in our description, so the MID is a courtesy to receivers that look at it first: only at the beginning.
constexpr Sequence packets_with_mid = 100;
constexpr Duration rate_window = seconds(1);

rtp::ExtensionIds ids_of(const sdp::SendSection& section) {
  rtp::ExtensionIds ids;
  for (const auto& extension : section.extensions)
    if (const auto known = rtp::from_uri(extension.uri)) ids.set(*known, extension.id);
  return ids;
}

}  // namespace

OutgoingStream::OutgoingStream(const sdp::SendSection& section, std::uint32_t clock_rate, Downlink& downlink, Random& random)
    : mid_(section.mid), extensions_(ids_of(section)), downlink_(downlink), rewriter_(clock_rate, random), stats_(section.ssrc) {
  if (section.rtx_ssrc)
    rtx_.emplace(Retransmission{media::SenderStats(*section.rtx_ssrc), media::first_outgoing_sequence(random)});
  if (section.flexfec_ssrc) repairs_.emplace(*section.flexfec_ssrc, section.ssrc, random);
}

void OutgoingStream::update(const sdp::SendSection& section) {
  mid_ = section.mid;
  extensions_ = ids_of(section);
  if (repairs_) repairs_->accept(section.flexfec);
}

void OutgoingStream::start(Time now, const media::MediaPacket& packet, const std::optional<media::SenderClock>& clock) {
  rewriter_.start(now, packet, clock);
}

bool OutgoingStream::translate(Time now, const media::MediaPacket& packet, media::SentRecord& record) {
  if (!rewriter_.rewrite(now, packet, record.numbers)) return false;
  if (!first_sequence_) first_sequence_ = record.numbers.sequence;
  if (rtx_) history_.expect(record.numbers.sequence);
  downlink_.expect_sent();
  prefetch(&stats_);
  prefetch(&repairs_, sizeof repairs_);
  record.source = packet.ssrc;
  record.sequence = packet.sequence;
  record.marker = packet.marker;
  record.retransmissions = 0;
  record.sent = now;
  return true;
}

std::optional<media::SentRecord> OutgoingStream::skip(const media::MediaPacket& packet) {
  const auto numbers = rewriter_.skip(packet);
  if (!numbers) return std::nullopt;
  return media::SentRecord{*numbers, packet.sequence, packet.arrival, packet.ssrc};
}

bool OutgoingStream::send(Time now, const media::SentRecord& record, const media::MediaPacket& packet,
                          const OutgoingPayload& payload, transport::Wire& wire, Outbox& out) {
  if (packet.codec == rtp::Codec::red) return send_red(now, record, packet, payload, wire, out);
  if (!packet.descriptor.empty()) media::write_picture_numbers(packet, record.numbers, packet.descriptor);
  send(now, record, packet, payload.type, {}, packet.payload, wire, out);
  return true;
}

void OutgoingStream::send_redundant(Time now, const media::SentRecord& record, const media::MediaPacket& packet,
                                    const media::MediaPacket* previous, const OutgoingPayload& payload, transport::Wire& wire,
                                    Outbox& out) {
  media::RedPrefix prefix;
  media::encode_red(packet, previous, payload.type, prefix);
  send(now, record, packet, *payload.red, prefix.bytes(), packet.payload, wire, out);
}

bool OutgoingStream::send_red(Time now, const media::SentRecord& record, const media::MediaPacket& packet,
                              const OutgoingPayload& payload, transport::Wire& wire, Outbox& out) {
  const auto edit = edit_red(packet, payload);
  if (edit)
    send(now, record, packet, payload.type, edit->prefix(), edit->rest(packet.payload), wire, out);
  else
    out.drops.add(DropReason::red_malformed);
  return edit.has_value();
}

void OutgoingStream::send(Time now, const media::SentRecord& record, const media::MediaPacket& packet, PayloadType type,
                          Bytes prefix, Bytes rest, transport::Wire& wire, Outbox& out) {
  const rtp::Header header{type,   record.marker,     record.numbers.wire_sequence(), record.numbers.timestamp,
                           ssrc(), packet.padding > 0};
  // Straight into the slot in which the transport encrypts.
  const auto slot = out.datagrams.reserve();
  const auto size = write(now, header, packet, record.numbers, prefix, rest, slot);
  stats_.sent(prefix.size() + rest.size() - packet.padding);
  const bool repaired = repairs();
  if (repaired) repairs_->protect(now, slot.first(size), rest, extensions_);
  wire.send_rtp(now, slot.first(size), rest, out);
  if (rtx_) history_.add(record);
  if (repaired) repairs_->send(now, record.numbers.timestamp, extensions_, downlink_, wire, out);
}

void OutgoingStream::send_padding(Time now, const media::SentRecord& record, const OutgoingPayload& payload,
                                  transport::Wire& wire, Outbox& out) {
  const rtp::Header header{payload.type, false, record.numbers.wire_sequence(), record.numbers.timestamp, ssrc()};
  std::array<std::uint8_t, rtp::maximum_header> buffer;
  const auto element = number(now, 1);
  rtp::ElementList elements;
  elements.add(extensions_.id(rtp::Extension::transport_cc), element);
  const auto size = rtp::write_padding(header, elements, 1, buffer);
  stats_.sent(0);
  wire.send_rtp(now, Bytes(buffer).first(size), {}, out);
}

bool OutgoingStream::send_probe_padding(Time now, const media::SentRecord& newest, std::optional<PayloadType> type,
                                        transport::Wire& wire, Outbox& out) {
  if (!rtx_ || !type) return false;
  constexpr std::uint8_t most = 255;
  const rtp::Header header{*type, false, static_cast<std::uint16_t>(rtx_->next++), newest.numbers.timestamp, rtx_->stats.ssrc()};
  std::array<std::uint8_t, rtp::maximum_header + most> buffer;
  const auto element = number(now, most);
  rtp::ElementList elements;
  elements.add(extensions_.id(rtp::Extension::transport_cc), element);
  const auto size = rtp::write_padding(header, elements, most, buffer);
  rtx_->stats.sent(0);
  wire.send_rtp(now, Bytes(buffer).first(size), {}, out);
  return true;
}

std::variant<media::SentRecord, DropReason> OutgoingStream::lost(Time now, std::uint16_t sequence) {
  return history_.retransmit(now, sequence, round_trip_);
}

bool OutgoingStream::retransmit(Time now, const media::SentRecord& record, const media::MediaPacket& packet,
                                const OutgoingPayload& payload, transport::Wire& wire, Outbox& out) {
  if (!rtx_ || !payload.rtx) return false;
  const bool red = packet.codec == rtp::Codec::red;
  const auto original = red ? edit_red(packet, payload) : std::optional(media::edit_payload(packet, record.numbers));
  if (!original) return false;
  if (packet.dependencies) media::write_picture_numbers(packet, record.numbers, packet.descriptor);
  const auto edit = media::prepend_original_sequence(record.numbers.wire_sequence(), *original);
  const rtp::Header header{
      *payload.rtx,       record.marker,     static_cast<std::uint16_t>(rtx_->next++), record.numbers.timestamp,
      rtx_->stats.ssrc(), packet.padding > 0};
  std::array<std::uint8_t, rtp::maximum_header> buffer;
  const Bytes rest = edit.rest(packet.payload);
  const auto size = write(now, header, packet, record.numbers, edit.prefix(), rest, buffer);
  rtx_->stats.sent(edit.prefix().size() + rest.size() - packet.padding);
  wire.send_rtp(now, Bytes(buffer).first(size), rest, out);
  return true;
}

void OutgoingStream::receive(Time now, const rtp::ReportBlock& block) {
  if (const auto measured = stats_.round_trip(now, block)) round_trip_ = *measured;
  const double loss = block.fraction_lost / 256.0;
  if (repairs_) repairs_->receive(now, loss);
  downlink_.receive_report(now, loss, round_trip_);
}

void OutgoingStream::report(Time now, const std::string& cname, transport::Wire& wire, Outbox& out) {
  const auto clock = rewriter_.outgoing_clock();
  if (!clock || stats_.packets() == 0) return;
  std::array<std::uint8_t, 512> buffer;
  Writer writer(buffer);
  rtp::write(stats_.report(now, *clock, clock_rate()), writer);
  rtp::write_cname(ssrc(), cname, writer);
  wire.send_rtcp(now, writer.written(), out);
}

std::optional<rtp::PayloadEdit> OutgoingStream::edit_red(const media::MediaPacket& packet, const OutgoingPayload& payload) {
  const auto red = rtp::parse_red(packet.payload);
  if (!red) return std::nullopt;
  return payload.strip_red ? rtp::strip_red(packet.payload, *red) : rtp::rewrite_red(packet.payload, *red, payload.red_block);
}

std::uint64_t OutgoingStream::measure_rate(Time now) {
  const Duration passed = now - rate_measured_;
  if (passed < rate_window) return rate_;
  const std::uint64_t octets = stats_.octets() + stats_.packets() * Downlink::packet_overhead;
  const double bits = 8.0 * static_cast<double>(octets - octets_measured_);
  rate_ = static_cast<std::uint64_t>(bits / std::chrono::duration<double>(passed).count());
  rate_measured_ = now;
  octets_measured_ = octets;
  return rate_;
}

std::optional<media::SentRecord> OutgoingStream::newest() const { return rtx_ ? history_.newest() : std::nullopt; }

std::array<std::uint8_t, 2> OutgoingStream::number(Time now, std::size_t payload) {
  return rtp::transport_sequence(downlink_.sent(now, payload));
}

std::size_t OutgoingStream::write(Time now, const rtp::Header& header, const media::MediaPacket& packet,
                                  const media::Rewritten& numbers, Bytes prefix, Bytes rest, MutableBytes buffer) {
  rtp::ElementList elements;
  const auto transport_number = number(now, prefix.size() + rest.size());
  elements.add(extensions_.id(rtp::Extension::transport_cc), transport_number);
  std::array<std::uint8_t, rtp::maximum_dependency_descriptor> descriptor;
  if (packet.dependencies)
    elements.add(extensions_.id(rtp::Extension::dependency_descriptor), packet.dependencies->limit(packet, numbers, descriptor));
  if (shows_mid(numbers.sequence)) elements.add(extensions_.id(rtp::Extension::mid), as_bytes(mid_));
  packet.extensions.append(extensions_, elements);
  const auto size = rtp::write_header(header, elements, buffer);
  Writer writer(buffer.subspan(size));
  writer.bytes(prefix);
  return size + writer.size();
}

bool OutgoingStream::shows_mid(Sequence sequence) const { return sequence < *first_sequence_ + packets_with_mid; }

}  // namespace parley::room
