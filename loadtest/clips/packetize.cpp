#include "loadtest/clips/packetize.hpp"

#include <algorithm>

#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"

namespace parley::loadtest {

using rtp::Codec;

namespace {

constexpr std::size_t maximum_part = maximum_payload - maximum_descriptor;

// RFC 6184 sections 5.3, 5.7.1 and 5.8.
constexpr std::uint8_t type_mask = 0x1F;
constexpr std::uint8_t importance_mask = 0xE0;
constexpr std::uint8_t stap_a = 24;
constexpr std::uint8_t fu_a = 28;
constexpr std::uint8_t fu_start = 0x80;
constexpr std::uint8_t fu_end = 0x40;
constexpr std::array<std::uint8_t, 4> start_code = {0, 0, 0, 1};

/// Pieces of at most `maximum` bytes whose sizes differ by one at most.
std::vector<Bytes> split_evenly(Bytes bytes, std::size_t maximum) {
  const std::size_t count = (bytes.size() + maximum - 1) / maximum;
  std::vector<Bytes> pieces;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * bytes.size() / count;
    pieces.push_back(bytes.subspan(begin, (i + 1) * bytes.size() / count - begin));
  }
  return pieces;
}

/// The units between the start codes of Annex B, which may have three or four bytes.
std::vector<Bytes> split_units(Bytes frame) {
  std::vector<Bytes> units;
  std::size_t begin = frame.size();
  const auto add_until = [&](std::size_t end) {
    while (end > begin && frame[end - 1] == 0) --end;
    if (end > begin) units.push_back(frame.subspan(begin, end - begin));
  };
  for (std::size_t at = 0; at + 3 <= frame.size(); ++at) {
    if (frame[at] != 0 || frame[at + 1] != 0 || frame[at + 2] != 1) continue;
    add_until(at);
    begin = at + 3;
    at += 2;
  }
  add_until(frame.size());
  return units;
}

void add_fragments(Bytes unit, std::vector<FramePart>& out) {
  const auto pieces = split_evenly(unit.subspan(1), maximum_part - 2);
  for (const Bytes piece : pieces) {
    FramePart part{.head_size = 2, .body = piece};
    part.head[0] = static_cast<std::uint8_t>((unit[0] & importance_mask) | fu_a);
    part.head[1] = static_cast<std::uint8_t>(unit[0] & type_mask);
    if (piece.data() == pieces.front().data()) part.head[1] |= fu_start;
    if (piece.data() == pieces.back().data()) part.head[1] |= fu_end;
    out.push_back(part);
  }
}

Buffer aggregate(std::span<const Bytes> units) {
  Buffer packet{stap_a};
  for (const Bytes unit : units) {
    packet[0] = static_cast<std::uint8_t>(std::max(packet[0] & importance_mask, unit[0] & importance_mask) | stap_a);
    packet.push_back(static_cast<std::uint8_t>(unit.size() >> 8));
    packet.push_back(static_cast<std::uint8_t>(unit.size()));
    packet.insert(packet.end(), unit.begin(), unit.end());
  }
  return packet;
}

std::vector<FramePart> split_h264(Bytes frame, std::deque<Buffer>& aggregates) {
  std::vector<FramePart> parts;
  const auto units = split_units(frame);
  for (std::size_t first = 0, end = 0; first < units.size(); first = end) {
    std::size_t size = 1;
    for (end = first; end < units.size() && size + 2 + units[end].size() <= maximum_part; ++end) size += 2 + units[end].size();
    if (end > first + 1) {
      parts.push_back({.body = aggregates.emplace_back(aggregate(std::span(units).subspan(first, end - first)))});
    } else {
      end = first + 1;
      if (units[first].size() <= maximum_part)
        parts.push_back({.body = units[first]});
      else
        add_fragments(units[first], parts);
    }
  }
  return parts;
}

void write_vp8_descriptor(const PictureInfo& picture, Writer& out) {
  out.u8(picture.first ? 0x90 : 0x80).u8(picture.simulcast ? 0xE0 : 0x80);
  out.u16(static_cast<std::uint16_t>(0x8000 | (picture.number & 0x7FFF)));
  if (picture.simulcast) out.u8(static_cast<std::uint8_t>(picture.number)).u8(0x20);  // TID 0, Y
}

/// I, P, F, B, E, V and Z of RFC 9628 section 4.2; each picture refers to the one before it.
void write_vp9_descriptor(const PictureInfo& picture, Writer& out) {
  const bool structure = picture.keyframe && picture.first;
  const int flags = 0x80 | (picture.keyframe ? 0 : 0x40) | 0x10 | (picture.first ? 0x08 : 0) | (picture.last ? 0x04 : 0) |
                    (structure ? 0x02 : 0) | 0x01;
  out.u8(static_cast<std::uint8_t>(flags)).u16(static_cast<std::uint16_t>(0x8000 | (picture.number & 0x7FFF)));
  if (!picture.keyframe) out.u8(1 << 1);
  if (structure) out.u8(0x10).u16(picture.width).u16(picture.height);  // one spatial layer, with its size
}

bool append_unit(Bytes unit, Buffer& frame) {
  if (unit.empty()) return false;
  frame.insert(frame.end(), start_code.begin(), start_code.end());
  frame.insert(frame.end(), unit.begin(), unit.end());
  return true;
}

bool append_fragment(Bytes payload, bool& inside, Buffer& frame) {
  if (payload.size() < 3) return false;
  const bool start = (payload[1] & fu_start) != 0;
  if (start == inside) return false;
  if (start) {
    frame.insert(frame.end(), start_code.begin(), start_code.end());
    frame.push_back(static_cast<std::uint8_t>((payload[0] & importance_mask) | (payload[1] & type_mask)));
  }
  const Bytes rest = payload.subspan(2);
  frame.insert(frame.end(), rest.begin(), rest.end());
  inside = (payload[1] & fu_end) == 0;
  return true;
}

bool append_aggregate(Reader reader, Buffer& frame) {
  while (reader.remaining() > 0)
    if (!append_unit(reader.take(reader.u16()), frame)) return false;
  return true;
}

bool assemble_h264(std::span<const Bytes> payloads, Buffer& frame) {
  bool inside = false;  // of a fragmented unit
  for (const Bytes payload : payloads) {
    if (payload.empty()) return false;
    const std::uint8_t type = payload[0] & type_mask;
    if (type == fu_a) {
      if (!append_fragment(payload, inside, frame)) return false;
    } else if (inside) {
      return false;
    } else if (type == stap_a ? !append_aggregate(Reader(payload.subspan(1)), frame) : !append_unit(payload, frame)) {
      return false;
    }
  }
  return !inside;
}

bool append(Bytes payload, std::size_t descriptor, Buffer& frame) {
  const Bytes rest = payload.subspan(descriptor);
  frame.insert(frame.end(), rest.begin(), rest.end());
  return true;
}

bool append_vp8(Bytes payload, bool first, Buffer& frame) {
  const auto descriptor = rtp::parse_vp8(payload);
  return descriptor && descriptor->start_of_frame == first && append(payload, descriptor->size, frame);
}

bool append_vp9(Bytes payload, bool first, bool last, Buffer& frame) {
  const auto descriptor = rtp::parse_vp9(payload);
  return descriptor && descriptor->start_of_frame == first && descriptor->end_of_frame == last &&
         append(payload, descriptor->size, frame);
}

}  // namespace

std::vector<FramePart> split_frame(Codec codec, Bytes frame, std::deque<Buffer>& aggregates) {
  if (codec == Codec::h264) return split_h264(frame, aggregates);
  std::vector<FramePart> parts;
  for (const Bytes piece : split_evenly(frame, maximum_part)) parts.push_back({.body = piece});
  return parts;
}

void write_descriptor(Codec codec, const PictureInfo& picture, Writer& out) {
  if (codec == Codec::vp8) write_vp8_descriptor(picture, out);
  if (codec == Codec::vp9) write_vp9_descriptor(picture, out);
}

bool assemble_frame(Codec codec, std::span<const Bytes> payloads, Buffer& frame) {
  frame.clear();
  if (payloads.empty()) return false;
  if (codec == Codec::h264) return assemble_h264(payloads, frame);
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const bool first = i == 0;
    const bool last = i + 1 == payloads.size();
    if (codec == Codec::vp8   ? !append_vp8(payloads[i], first, frame)
        : codec == Codec::vp9 ? !append_vp9(payloads[i], first, last, frame)
                              : !append(payloads[i], 0, frame))
      return false;
  }
  return true;
}

}  // namespace parley::loadtest
