#include "sfu/room/demultiplexer.hpp"

#include <algorithm>

namespace parley::room {

CodecUse find_payload_type(const sdp::ReceiveSection& section, PayloadType type) {
  for (const auto& codec : section.codecs) {
    if (codec.payload_type == type) return {&codec, false};
    if (codec.rtx == type) return {&codec, true};
  }
  return {};
}

void Demultiplexer::configure(const std::vector<sdp::ReceiveSection>& sections) {
  sections_ = sections;
  extensions_ = {};
  // RFC 9143 section 9.1: within a bundle one id means one extension, so that one table serves all sections.
  for (const auto& section : sections_)
    for (const auto& extension : section.extensions)
      if (const auto known = rtp::from_uri(extension.uri)) extensions_.set(*known, extension.id);
  std::erase_if(latched_, [&](const auto& entry) {
    return entry.second.section >= sections_.size() || !sections_[entry.second.section].active;
  });
}

std::variant<Demultiplexer::Found, DropReason> Demultiplexer::find(const rtp::PacketView& packet) {
  if (const auto known = latched_.find(packet.ssrc); known != latched_.end()) return Found{known->second, false};
  const auto identified = identify(packet);
  if (const auto* reason = std::get_if<DropReason>(&identified)) return *reason;
  const auto& stream = std::get<Stream>(identified);
  const auto use = find_payload_type(sections_[stream.section], packet.payload_type);
  if (!use.codec) return DropReason::rtp_unknown_payload_type;
  latch(packet.ssrc, stream);
  if (!latched_.contains(packet.ssrc)) return DropReason::rtp_too_many_ssrcs;
  return Found{stream, true};
}

std::variant<Stream, DropReason> Demultiplexer::identify(const rtp::PacketView& packet) const {
  if (const auto mid = rtp::read_text(packet, extensions_, rtp::Extension::mid)) return by_mid(packet, *mid);
  if (const auto stream = by_signalled_ssrc(packet.ssrc)) return *stream;
  if (const auto stream = by_payload_type(packet.payload_type)) return *stream;
  return DropReason::rtp_unknown_ssrc;
}

std::variant<Stream, DropReason> Demultiplexer::by_mid(const rtp::PacketView& packet, std::string_view mid) const {
  const auto section = std::ranges::find_if(sections_, [&](const auto& s) { return s.active && s.mid == mid; });
  if (section == sections_.end()) return DropReason::rtp_unknown_ssrc;
  Stream stream{static_cast<std::uint32_t>(section - sections_.begin()), 0,
                find_payload_type(*section, packet.payload_type).retransmission};
  if (section->rids.empty()) return stream;
  auto rid = rtp::read_text(packet, extensions_, rtp::Extension::rid);
  if (const auto repaired = rtp::read_text(packet, extensions_, rtp::Extension::repaired_rid)) {
    rid = repaired;
    stream.retransmission = true;
  }
  if (!rid) {
    if (const auto signalled = by_signalled_ssrc(packet.ssrc)) return *signalled;
    return DropReason::rtp_unknown_rid;
  }
  const auto encoding = std::ranges::find(section->rids, *rid);
  if (encoding == section->rids.end()) return DropReason::rtp_unknown_rid;
  stream.encoding = static_cast<std::uint32_t>(encoding - section->rids.begin());
  return stream;
}

std::optional<Stream> Demultiplexer::by_signalled_ssrc(Ssrc ssrc) const {
  for (std::uint32_t section = 0; section < sections_.size(); ++section) {
    const auto& streams = sections_[section].streams;
    if (!sections_[section].active) continue;
    // Firefox lists the SSRCs of a simulcast section in the order of its RIDs.
    const auto encodings = std::min(streams.size(), std::max<std::size_t>(sections_[section].rids.size(), 1));
    for (std::uint32_t encoding = 0; encoding < encodings; ++encoding) {
      if (streams[encoding].ssrc == ssrc) return Stream{section, encoding, false};
      if (streams[encoding].rtx == ssrc) return Stream{section, encoding, true};
    }
  }
  return std::nullopt;
}

std::optional<Stream> Demultiplexer::by_payload_type(PayloadType type) const {
  std::optional<Stream> only;
  for (std::uint32_t section = 0; section < sections_.size(); ++section) {
    if (!sections_[section].active || !sections_[section].rids.empty()) continue;
    const auto use = find_payload_type(sections_[section], type);
    if (!use.codec) continue;
    if (only) return std::nullopt;
    only = Stream{section, 0, use.retransmission};
  }
  return only;
}

void Demultiplexer::latch(Ssrc ssrc, const Stream& stream) {
  // A browser that restarts a sender comes with a new SSRC for the same stream: the old one is forgotten.
  std::erase_if(latched_, [&](const auto& entry) { return entry.second == stream; });
  if (latched_.size() < maximum_ssrcs_) latched_.emplace(ssrc, stream);
}

std::optional<Ssrc> Demultiplexer::ssrc(const Stream& stream) const {
  for (const auto& [ssrc, known] : latched_)
    if (known == stream) return ssrc;
  return std::nullopt;
}

}  // namespace parley::room
