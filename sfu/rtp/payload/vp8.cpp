#include "sfu/rtp/payload/vp8.hpp"

#include "sfu/rtp/payload/picture_id.hpp"

namespace parley::rtp {
namespace {

constexpr std::uint8_t bit_x = 0x80, bit_s = 0x10, mask_partition = 0x07;
constexpr std::uint8_t bit_i = 0x80, bit_l = 0x40, bit_t = 0x20, bit_k = 0x10;
constexpr std::uint8_t bit_m = 0x80, bit_y = 0x20;

}  // namespace

std::optional<Vp8Descriptor> parse_vp8(Bytes payload) {
  Reader reader(payload);
  Vp8Descriptor descriptor;
  const std::uint8_t first = reader.u8();
  descriptor.start_of_frame = (first & bit_s) && (first & mask_partition) == 0;
  const std::uint8_t present = first & bit_x ? reader.u8() : 0;
  if (present & bit_i) {
    const std::uint8_t high = reader.u8();
    descriptor.long_picture_id = (high & bit_m) != 0;
    descriptor.picture_id = high;
    if (high & bit_m) descriptor.picture_id = static_cast<std::uint16_t>((high & ~bit_m) << 8 | reader.u8());
  }
  if (present & bit_l) descriptor.tl0_picture_index = reader.u8();
  if (present & (bit_t | bit_k)) {
    const std::uint8_t layer = reader.u8();
    if (present & bit_t) {
      descriptor.temporal_layer = layer >> 6;
      descriptor.layer_sync = (layer & bit_y) != 0;
    }
  }
  // RFC 7741 section 4.3: the lowest bit of the first byte of a frame is P, the inverse key frame flag.
  const Bytes frame = reader.rest();
  if (!reader.ok() || frame.empty()) return {};
  descriptor.keyframe = descriptor.start_of_frame && (frame.front() & 1) == 0;
  descriptor.size = static_cast<std::uint8_t>(payload.size() - frame.size());
  return descriptor;
}

void rewrite_vp8(std::uint16_t picture_id, std::uint8_t tl0_picture_index, MutableBytes descriptor) {
  if (descriptor.size() < 2 || !(descriptor[0] & bit_x)) return;
  const std::uint8_t present = descriptor[1];
  std::size_t at = 2;
  if (present & bit_i && at < descriptor.size()) at = rewrite_picture_id(picture_id, descriptor, at);
  if (present & bit_l && at < descriptor.size()) descriptor[at] = tl0_picture_index;
}

}  // namespace parley::rtp
