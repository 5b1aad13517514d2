// Fuzz target: payload descriptors. A descriptor lies inside of its payload, and an edit keeps the size of what it replaces.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "sfu/rtp/payload/av1.hpp"
#include "sfu/rtp/payload/codec.hpp"
#include "sfu/rtp/payload/h264.hpp"
#include "sfu/rtp/payload/picture_size.hpp"
#include "sfu/rtp/payload/red.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_vp8(Bytes payload) {
  const auto before = parse_vp8(payload);
  if (!before) return;
  require(before->size >= 1 && before->size <= 6 && before->size < payload.size());
  Buffer copy(payload.begin(), payload.end());
  rewrite_vp8(0x1234, 0x56, MutableBytes(copy).first(before->size));
  const auto after = parse_vp8(copy);
  require(after && after->size == before->size && after->keyframe == before->keyframe);
  require(after->temporal_layer == before->temporal_layer && after->long_picture_id == before->long_picture_id);
  if (before->picture_id) require(after->picture_id == (before->long_picture_id ? 0x1234 : 0x34));
  if (before->tl0_picture_index) require(after->tl0_picture_index == 0x56);
}

void check_vp9(Bytes payload) {
  const auto before = parse_vp9(payload);
  if (!before) return;
  require(before->size >= 1 && before->size < payload.size());
  Buffer copy(payload.begin(), payload.end());
  rewrite_vp9(0x1234, 0x56, MutableBytes(copy).first(std::min<std::size_t>(before->size, vp9_numbers_size)));
  const auto after = parse_vp9(copy);
  require(after && after->size == before->size && after->starts_keyframe() == before->starts_keyframe());
  require(after->temporal_layer == before->temporal_layer && after->spatial_layer == before->spatial_layer);
  if (before->picture_id) require(after->picture_id == (before->long_picture_id ? 0x1234 : 0x34));
  if (before->tl0_picture_index) require(after->tl0_picture_index == 0x56);
}

void check_h264(Bytes payload) {
  const Bytes unit = find_h264_parameter_set(payload);
  require(unit.size() <= payload.size() && starts_h264_keyframe(payload) == !unit.empty());
}

void check_red(Bytes payload) {
  const auto red = parse_red(payload);
  if (!red) return;
  require(!red->primary.empty() && red->redundant <= maximum_red_blocks);
  require(strip_red(payload, *red).rest(payload).size() == red->primary.size());
  const auto edit = rewrite_red(payload, *red, {100});
  Buffer whole(edit.prefix().begin(), edit.prefix().end());
  whole.insert(whole.end(), edit.rest(payload).begin(), edit.rest(payload).end());
  const auto again = parse_red(whole);
  require(again && whole.size() == payload.size() && again->primary_type == PayloadType{100});
  require(again->redundant == red->redundant && again->primary.size() == red->primary.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes payload(data, size);
  for (std::uint8_t codec = 0; codec <= static_cast<std::uint8_t>(Codec::other); ++codec) {
    starts_keyframe(static_cast<Codec>(codec), payload);
    read_picture_sizes(static_cast<Codec>(codec), payload);
  }
  check_vp8(payload);
  check_vp9(payload);
  check_h264(payload);
  check_red(payload);
  if (const auto av1 = parse_av1(payload)) require(av1->elements <= 3);
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  return {
      {0x90, 0xE0, 0xB8, 0x98, 0xC2, 0x20, 0xB0, 0x1B, 0x00, 0x9D, 0x01, 0x2A},        // VP8, everything
      {0x90, 0x80, 0x15, 0xF0, 0x00},                                                  // VP8, short PictureID
      {0x10, 0x50, 0x11, 0x00},                                                        // VP8, plain
      {0xBE, 0xFC, 0xD8, 0x10, 0x10, 0x01, 0x40, 0x00, 0xB4, 0x83, 0x49},              // VP9, flexible with structure
      {0xFD, 0xFC, 0xD9, 0x50, 0x02, 0x87, 0x00},                                      // VP9, with a reference
      {0x8F, 0x8C, 0x20, 0x18, 0x03, 0xC0, 0x02, 0x1C, 0x01, 0x14, 0x01, 0x82, 0x49},  // VP9, not flexible
      {0x78, 0x00, 0x02, 0x67, 0x42, 0x00, 0x02, 0x68, 0xCE, 0x00, 0x01, 0x65},        // H.264 STAP-A
      {0x67, 0x42, 0xC0, 0x1F, 0xDA, 0x01, 0x40, 0x16, 0xE8, 0x40, 0x00, 0x00},        // H.264 parameter set
      {0x7C, 0x85, 0xB8, 0x00},                                                        // H.264 FU-A
      {0x28, 0x0B, 0x08, 0x00, 0x00},                                                  // AV1
      {0xEF, 0x0F, 0x00, 0x03, 0x6F, 0xAA, 0xBB, 0xCC, 0x01, 0x02},                    // RED, one redundant block
  };
}
