#include "sfu/rtp/payload/vp9.hpp"

#include "sfu/rtp/payload/picture_id.hpp"

namespace parley::rtp {
namespace {

constexpr std::uint8_t bit_i = 0x80, bit_p = 0x40, bit_l = 0x20, bit_f = 0x10, bit_b = 0x08, bit_e = 0x04, bit_v = 0x02;
constexpr std::uint8_t bit_m = 0x80;

void read_picture_id(Reader& reader, Vp9Descriptor& out) {
  const std::uint8_t high = reader.u8();
  out.long_picture_id = (high & bit_m) != 0;
  out.picture_id = high & bit_m ? static_cast<std::uint16_t>((high & ~bit_m) << 8 | reader.u8()) : high;
}

void read_layers(Reader& reader, Vp9Descriptor& out) {
  const std::uint8_t byte = reader.u8();
  out.temporal_layer = byte >> 5;
  out.switching_point = (byte & 0x10) != 0;
  out.spatial_layer = byte >> 1 & 7;
  out.inter_layer_predicted = (byte & 1) != 0;
  if (!out.flexible) out.tl0_picture_index = reader.u8();
}

/// Up to three references, the lowest bit of each says whether another follows.
bool skip_references(Reader& reader) {
  for (int i = 0; i < 3; ++i)
    if ((reader.u8() & 1) == 0) return true;
  return false;
}

/// Scalability structure: |N_S|Y|G|-|-|-| then sizes if Y, then picture groups if G.
void skip_structure(Reader& reader) {
  const std::uint8_t flags = reader.u8();
  const std::size_t layers = (flags >> 5) + std::size_t{1};
  if (flags & 0x10) reader.skip(layers * 4);
  if ((flags & 0x08) == 0) return;
  const std::uint8_t pictures = reader.u8();
  for (std::uint8_t i = 0; i < pictures && reader.ok(); ++i) reader.skip(reader.u8() >> 2 & 3);
}

/// Everything in front of the scalability structure; whether that follows.
bool read_front(Reader& reader, Vp9Descriptor& descriptor) {
  const std::uint8_t flags = reader.u8();
  descriptor.inter_predicted = (flags & bit_p) != 0;
  descriptor.flexible = (flags & bit_f) != 0;
  descriptor.start_of_frame = (flags & bit_b) != 0;
  descriptor.end_of_frame = (flags & bit_e) != 0;
  if (flags & bit_i) read_picture_id(reader, descriptor);
  if (flags & bit_l) read_layers(reader, descriptor);
  if (descriptor.flexible && descriptor.inter_predicted && !skip_references(reader)) reader.skip(reader.remaining() + 1);
  return (flags & bit_v) != 0;
}

}  // namespace

std::optional<Vp9Descriptor> parse_vp9(Bytes payload) {
  Reader reader(payload);
  Vp9Descriptor descriptor;
  if (read_front(reader, descriptor)) skip_structure(reader);
  if (!reader.ok() || reader.remaining() == 0) return {};
  descriptor.size = static_cast<std::uint16_t>(payload.size() - reader.remaining());
  return descriptor;
}

void rewrite_vp9(std::uint16_t picture_id, std::uint8_t tl0_picture_index, MutableBytes descriptor) {
  if (descriptor.empty()) return;
  const std::uint8_t flags = descriptor[0];
  std::size_t at = 1;
  if (flags & bit_i && at < descriptor.size()) at = rewrite_picture_id(picture_id, descriptor, at);
  if (flags & bit_l && !(flags & bit_f) && at + 1 < descriptor.size()) descriptor[at + 1] = tl0_picture_index;
}

std::optional<PictureSizes> read_vp9_sizes(Bytes payload) {
  Reader reader(payload);
  Vp9Descriptor descriptor;
  if (!read_front(reader, descriptor)) return {};
  const std::uint8_t flags = reader.u8();
  if ((flags & 0x10) == 0) return {};
  PictureSizes sizes{};
  const std::size_t layers = (flags >> 5) + std::size_t{1};
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const PictureSize size{reader.u16(), reader.u16()};
    if (layer < sizes.size()) sizes[layer] = size;
  }
  if (!reader.ok()) return {};
  return sizes;
}

}  // namespace parley::rtp
