#include "sfu/transport/srtp.hpp"

#include <stdexcept>

namespace parley::transport {

namespace {

// AES-GCM's tag and SRTCP's index; no master key identifier is used.
static_assert(Srtp::overhead >= GcmKey::tag_size + 4);

/// RFC 3711 section 9.2: SRTCP's index has 31 bits, and a key ends with it.
constexpr std::uint64_t last_report = 0x7FFFFFFF;

std::unique_ptr<SrtpTransform> make_transform(Cipher& cipher, SrtpProfile profile, Bytes master) {
  if (master.size() != master_key_size(profile)) throw std::invalid_argument("an SRTP key of the wrong size");
  return make_transform(cipher, profile, derive_session_keys(cipher, profile, master));
}

/// What SRTP has to know of an RTP header (RFC 3550 section 5.1). It is left clear as far as CSRCs and extensions go.
struct ClearHeader {
  std::size_t size = 0;
  std::uint16_t sequence = 0;
  Ssrc ssrc;
};

std::optional<ClearHeader> parse_header(Bytes packet) {
  Reader reader(packet);
  const std::uint8_t first = reader.u8();
  reader.skip(1);
  ClearHeader header;
  header.sequence = reader.u16();
  reader.skip(4);
  header.ssrc = {reader.u32()};
  reader.skip(4u * (first & 0x0F));
  if ((first & 0x10) != 0) {
    reader.skip(2);
    reader.skip(4u * reader.u16());
  }
  if (!reader.ok()) return std::nullopt;
  header.size = packet.size() - reader.remaining();
  return header;
}

}  // namespace

Srtp::Srtp(Cipher& cipher, const SrtpKeys& keys)
    : outgoing_(make_transform(cipher, keys.profile, keys.send)), incoming_(make_transform(cipher, keys.profile, keys.receive)) {}

std::optional<std::size_t> Srtp::protect_rtp(Bytes header, Bytes payload, MutableBytes slot) {
  const std::size_t size = header.size() + payload.size();
  const auto clear = parse_header(header);
  if (!clear || size + overhead > slot.size()) return std::nullopt;
  auto& highest = sent_.find_or_add(clear->ssrc).highest;
  const std::uint64_t index = estimate_index(highest, clear->sequence);
  if (!highest || index > *highest) highest = index;

  Writer writer(slot);
  if (header.data() == slot.data())
    writer.reserve(header.size());
  else
    writer.bytes(header);
  const bool in_two_parts = header.size() > clear->size;
  if (in_two_parts) writer.bytes(payload);  // to give the cipher two parts costs as much as this copy
  const Bytes plain = in_two_parts ? Bytes(slot).subspan(clear->size, size - clear->size) : payload;
  const std::size_t protected_size = size + outgoing_->rtp_overhead();
  outgoing_->protect_rtp({clear->ssrc, index}, slot.first(protected_size), clear->size, plain);
  return protected_size;
}

std::optional<std::size_t> Srtp::protect_rtcp(Bytes packet, MutableBytes slot) {
  if (packet.size() < rtcp_clear_size || packet.size() + overhead > slot.size()) return std::nullopt;
  Reader reader(packet);
  reader.skip(4);
  const Ssrc ssrc{reader.u32()};
  auto& next = sent_.find_or_add(ssrc).next_report;
  if (next > last_report) return std::nullopt;
  Writer(slot).bytes(packet);
  const std::size_t protected_size = packet.size() + outgoing_->rtcp_overhead();
  outgoing_->protect_rtcp({ssrc, next++}, slot.first(protected_size));
  return protected_size;
}

MutableBytes Srtp::unprotect_rtp(MutableBytes packet, Drops& drops) {
  if (const auto refused = unprotect_rtp(packet)) return drops.add(*refused), MutableBytes();
  return packet.first(packet.size() - incoming_->rtp_overhead());
}

MutableBytes Srtp::unprotect_rtcp(MutableBytes packet, Drops& drops) {
  if (const auto refused = unprotect_rtcp(packet)) return drops.add(*refused), MutableBytes();
  return packet.first(packet.size() - incoming_->rtcp_overhead());
}

std::optional<DropReason> Srtp::unprotect_rtp(MutableBytes packet) {
  const auto clear = parse_header(packet);
  if (!clear || packet.size() < clear->size + incoming_->rtp_overhead()) return DropReason::srtp_failed;
  const Heard* const known = find_heard(clear->ssrc);
  if (!known && heard_.size() >= max_incoming_ssrcs) return DropReason::rtp_too_many_ssrcs;
  const std::uint64_t index = estimate_index(known ? known->packets.highest() : std::nullopt, clear->sequence);
  if (known && !known->packets.is_new(index)) return DropReason::srtp_replayed;
  if (!incoming_->unprotect_rtp({clear->ssrc, index}, packet, clear->size)) return DropReason::srtp_bad_tag;
  hear(clear->ssrc).packets.add(index);
  return std::nullopt;
}

std::optional<DropReason> Srtp::unprotect_rtcp(MutableBytes packet) {
  if (packet.size() < rtcp_clear_size + incoming_->rtcp_overhead()) return DropReason::srtp_failed;
  Reader reader(packet);
  reader.skip(4);
  const Ssrc ssrc{reader.u32()};
  const auto index = incoming_->rtcp_index(packet);
  if (!index) return DropReason::srtp_failed;
  const Heard* const known = find_heard(ssrc);
  if (!known && heard_.size() >= max_incoming_ssrcs) return DropReason::rtp_too_many_ssrcs;
  if (known && !known->reports.is_new(*index)) return DropReason::srtp_replayed;
  if (!incoming_->unprotect_rtcp({ssrc, *index}, packet)) return DropReason::srtp_bad_tag;
  hear(ssrc).reports.add(*index);
  return std::nullopt;
}

const Srtp::Heard* Srtp::find_heard(Ssrc ssrc) {
  const auto* const found = heard_.find(ssrc);
  return found ? found->get() : nullptr;
}

Srtp::Heard& Srtp::hear(Ssrc ssrc) {
  auto& heard = heard_.find_or_add(ssrc);
  if (!heard) heard = std::make_unique<Heard>();
  return *heard;
}

void Srtp::remove_stream(Ssrc ssrc) {
  sent_.remove(ssrc);
  heard_.remove(ssrc);
}

}  // namespace parley::transport
