#include "sfu/media/frame_place.hpp"

#include <algorithm>

#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"

namespace parley::media {
namespace {

constexpr std::uint8_t temporal_values = 8;
/// A receiver that wants more than there is gets all that there is, so the highest target stands for those above it as well.
std::uint32_t bits_of_target(const rtp::DependencyStructure& structure, const rtp::DependencyStructure::Target& target) {
  std::uint8_t highest_temporal = 0, highest_spatial = 0;
  for (const auto& it : std::span(structure.targets).first(structure.target_count)) {
    highest_temporal = std::max(highest_temporal, it.temporal);
    highest_spatial = std::max(highest_spatial, it.spatial);
  }
  std::uint32_t bits = 0;
  for (std::uint8_t spatial = target.spatial; spatial < rtp::maximum_spatial_layers; ++spatial) {
    for (std::uint8_t temporal = target.temporal; temporal < temporal_values; ++temporal) {
      bits |= FramePlace::bit(spatial, temporal);
      if (target.temporal != highest_temporal) break;
    }
    if (target.spatial != highest_spatial) break;
  }
  return bits;
}

}  // namespace

std::optional<FramePlace> place_vp8(Bytes payload, bool& keyframe) {
  const auto descriptor = rtp::parse_vp8(payload);
  if (!descriptor) return {};
  FramePlace place;
  keyframe = descriptor->keyframe;
  place.temporal = descriptor->temporal_layer.value_or(0);
  if (descriptor->picture_id) {
    place.picture_mask = descriptor->long_picture_id ? 0x7FFF : 0x7F;
    place.picture_id = *descriptor->picture_id;
    place.squeezes_pictures = true;
  }
  place.has_tl0_picture_index = descriptor->tl0_picture_index.has_value();
  place.tl0_picture_index = descriptor->tl0_picture_index.value_or(0);
  place.descriptor_size = descriptor->size;
  place.starts = descriptor->start_of_frame;
  place.enters = descriptor->layer_sync && descriptor->start_of_frame;
  if (descriptor->keyframe) place.switching = FramePlace::everywhere;
  return place;
}

std::optional<FramePlace> place_vp9(Bytes payload, bool& keyframe) {
  const auto descriptor = rtp::parse_vp9(payload);
  if (!descriptor) return {};
  FramePlace place;
  keyframe = descriptor->starts_keyframe();
  place.spatial = descriptor->spatial_layer;
  place.temporal = descriptor->temporal_layer;
  if (descriptor->picture_id) {
    place.picture_mask = descriptor->long_picture_id ? 0x7FFF : 0x7F;
    place.picture_id = *descriptor->picture_id;
  }
  place.has_tl0_picture_index = descriptor->tl0_picture_index.has_value();
  place.tl0_picture_index = descriptor->tl0_picture_index.value_or(0);
  place.descriptor_size = static_cast<std::uint8_t>(std::min<std::size_t>(descriptor->size, rtp::vp9_numbers_size));
  place.starts = descriptor->start_of_frame;
  place.ends = descriptor->end_of_frame;
  // A picture whose lowest layer needs no earlier one is a place to begin with any layer. One whose upper layers alone need none
  // would be too, but by then the marker has been set at the end of the layer below.
  if (keyframe) place.switching = FramePlace::everywhere;
  place.switches_temporal = descriptor->switching_point;
  return place;
}

FramePlace place_by_descriptor(const rtp::DependencyDescriptor& descriptor, const rtp::DependencyStructure& structure) {
  FramePlace place;
  place.spatial = descriptor.spatial;
  place.temporal = descriptor.temporal;
  place.picture_mask = 0xFFFF;
  place.picture_id = descriptor.frame_number;
  place.starts = descriptor.start_of_frame;
  place.ends = descriptor.end_of_frame;
  if (!descriptor.resolved || !place.starts) return place;
  for (std::size_t target = 0; target < structure.target_count; ++target)
    if (descriptor.indication(target) == rtp::Indication::switching)
      place.switching |= bits_of_target(structure, structure.targets[target]);
  return place;
}

}  // namespace parley::media
