#pragma once
// Where a video packet stands among the pictures and layers of its encoding, the same for every codec: VP8 and VP9 say it in
// their payload descriptors, AV1 in the dependency descriptor. H.264 says nothing: all zeros, one layer.

#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/media/quality.hpp"
#include "sfu/rtp/payload/codec.hpp"
#include "sfu/rtp/payload/dependency_descriptor.hpp"

namespace parley::media {

struct FramePlace {
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  std::uint8_t tl0_picture_index = 0;
  std::uint8_t descriptor_size = 0;  ///< bytes at the front of a payload with picture numbers in them
  /// PictureID (VP8, VP9) or frame number (dependency descriptor), modulo the mask + 1. No mask: there is none.
  std::uint16_t picture_id = 0;
  std::uint16_t picture_mask = 0;
  bool has_tl0_picture_index : 1 = false;
  bool starts : 1 = false;             ///< first packet of a frame, that is, of one layer of a picture
  bool ends : 1 = false;               ///< last packet of one spatial layer of a picture; false where there is only one
  bool enters : 1 = false;             ///< of this temporal layer: who has those below can begin with it here (VP8's Y)
  bool switches_temporal : 1 = false;  ///< who has this picture can go on with all temporal layers (VP9's U)
  bool squeezes_pictures : 1 = false;  ///< picture numbers must not have gaps: VP8's receivers wait for what is missing
  /// Whoever has this frame and goes on with everything up to that layer can decode it: see switches_to().
  std::uint32_t switching = 0;

  /// Layers above the highest one count as that one.
  bool switches_to(std::uint8_t to_spatial, std::uint8_t to_temporal) const {
    return (switching & bit(to_spatial, to_temporal)) != 0;
  }
  static constexpr std::uint32_t everywhere = 0xFFFFFFFF;
  static constexpr std::uint32_t bit(std::uint8_t spatial, std::uint8_t temporal) {
    return 1u << ((spatial < 3 ? spatial : 3) * 8 + (temporal < 7 ? temporal : 7));
  }
};

/// Nothing: the payload is cut off inside of its descriptor.
std::optional<FramePlace> place_vp8(Bytes payload, bool& keyframe);
std::optional<FramePlace> place_vp9(Bytes payload, bool& keyframe);
/// `structure` is the one that the descriptor refers to, its own if it brings one.
FramePlace place_by_descriptor(const rtp::DependencyDescriptor& descriptor, const rtp::DependencyStructure& structure);

}  // namespace parley::media
