#include "sfu/rtp/payload/picture_size.hpp"

#include "sfu/base/bits.hpp"
#include "sfu/rtp/payload/h264.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"

namespace parley::rtp {
namespace {

PictureSizes single(std::uint32_t width, std::uint32_t height) {
  PictureSizes sizes{};
  sizes[0] = {static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height)};
  return sizes;
}

/// Frame tag (3 bytes), start code (3 bytes), then little-endian sizes of 14 bits.
std::optional<PictureSizes> vp8_sizes(Bytes payload) {
  const auto descriptor = parse_vp8(payload);
  if (!descriptor || !descriptor->keyframe) return {};
  Reader reader(payload.subspan(descriptor->size));
  reader.skip(6);
  const std::uint32_t width = network_order(reader.u16()) & 0x3FFFu;
  const std::uint32_t height = network_order(reader.u16()) & 0x3FFFu;
  if (!reader.ok()) return {};
  return single(width, height);
}

/// ITU-T H.264 section 7.3.2.1.1: these profiles describe their colours in front of what we look for.
bool has_chroma_format(std::uint32_t profile) {
  for (const std::uint32_t it : {100u, 110u, 122u, 244u, 44u, 83u, 86u, 118u, 128u})
    if (profile == it) return true;
  return false;
}

void skip_scaling_lists(BitReader& reader, std::size_t lists) {
  for (std::size_t list = 0; list < lists && reader.ok(); ++list) {
    if (!reader.bit()) continue;
    std::uint32_t last = 8, next = 8;
    for (std::size_t i = 0; i < (list < 6 ? 16u : 64u) && reader.ok(); ++i) {
      if (next != 0) {
        const std::uint32_t code = reader.golomb();  // se(v)
        next = (last + (code % 2 ? code / 2 + 1 : 0u - code / 2)) & 0xFF;
      }
      last = next == 0 ? last : next;
    }
  }
}

void skip_chroma_format(BitReader& reader) {
  const std::uint32_t format = reader.golomb();
  if (format == 3) reader.bits(1);
  reader.golomb();
  reader.golomb();
  reader.bits(1);
  if (reader.bit()) skip_scaling_lists(reader, format == 3 ? 12 : 8);
}

void skip_order_count(BitReader& reader) {
  const std::uint32_t type = reader.golomb();
  if (type == 0) reader.golomb();
  if (type != 1) return;
  reader.bits(1);
  reader.golomb();
  reader.golomb();
  for (std::uint32_t count = reader.golomb(); count > 0 && reader.ok(); --count) reader.golomb();
}

std::optional<PictureSizes> h264_sizes(Bytes payload) {
  BitReader reader(find_h264_parameter_set(payload));
  reader.bits(8);
  const std::uint32_t profile = reader.bits(8);
  reader.bits(16);
  reader.golomb();
  if (has_chroma_format(profile)) skip_chroma_format(reader);
  reader.golomb();
  skip_order_count(reader);
  reader.golomb();
  reader.bits(1);
  const std::uint32_t width = (reader.golomb() + 1) * 16;
  const std::uint32_t map_units = (reader.golomb() + 1) * 16;
  const bool frames_only = reader.bit();
  if (!frames_only) reader.bits(1);
  reader.bits(1);
  std::array<std::uint32_t, 4> crop{};  // left, right, top, bottom, in units of two pixels (4:2:0)
  if (reader.bit())
    for (auto& it : crop) it = reader.golomb();
  const std::uint32_t height = map_units * (frames_only ? 1 : 2);
  const std::uint32_t cut_width = 2 * (crop[0] + crop[1]), cut_height = (frames_only ? 2 : 4) * (crop[2] + crop[3]);
  if (!reader.ok() || cut_width >= width || cut_height >= height) return {};
  return single(width - cut_width, height - cut_height);
}

}  // namespace

std::optional<PictureSizes> read_picture_sizes(Codec codec, Bytes payload) {
  switch (codec) {
    case Codec::vp8:
      return vp8_sizes(payload);
    case Codec::vp9:
      return read_vp9_sizes(payload);
    case Codec::h264:
      return h264_sizes(payload);
    default:
      return {};
  }
}

}  // namespace parley::rtp
