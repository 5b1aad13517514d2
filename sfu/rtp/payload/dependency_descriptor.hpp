#pragma once
// The dependency descriptor, AV1 RTP payload specification appendix A: a header extension that says of each frame which layer it
// is, which frames it needs, and who may begin or go on with it. Whatever can be described once for a stream stands in its
// template structure, which comes with a key frame; every other packet only names a template.
//
//    |S|E| template |      frame number (16)        |     in each packet
//    |structure|active|dtis|fdiffs|chains|  (5 bits)      only in some, as is what follows:
//    template structure . active decode targets . the frame's own DTIs, fdiffs and chains . zeros to a whole byte
//
// A decode target is what a receiver can ask for: one spatial and one temporal layer with all that they need. What a frame needs
// (fdiffs) and its chains are read over: a forwarder whose losses are repaired has no use for them, and receivers get them as
// they are.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "sfu/base/bytes.hpp"
#include "sfu/rtp/payload/picture_size.hpp"

namespace parley::rtp {

/// What a frame is to a decode target, 2 bits: the DTI.
enum class Indication : std::uint8_t {
  absent,       ///< does not belong to it
  discardable,  ///< nothing else in it needs this frame
  switching,    ///< who can decode this frame can decode all of the target that follows
  required,
};

struct DependencyStructure {
  static constexpr std::size_t maximum_templates = 64;
  static constexpr std::size_t maximum_targets = 32;
  /// AV1 has no more: its spatial_id has 2 bits, its temporal_id 3.
  static constexpr std::uint8_t maximum_spatial = maximum_spatial_layers;
  static constexpr std::uint8_t maximum_temporal = 8;

  struct Template {
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    std::uint64_t indications = 0;  ///< 2 bits for each target, that of target 0 the lowest
    bool operator==(const Template&) const = default;
  };
  struct Target {
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    bool operator==(const Target&) const = default;
  };

  std::uint8_t template_offset = 0;
  std::uint8_t template_count = 0;
  std::uint8_t target_count = 0;
  std::uint8_t chain_count = 0;
  std::uint8_t spatial_count = 0;
  std::array<Template, maximum_templates> templates{};
  std::array<Target, maximum_targets> targets{};
  PictureSizes sizes{};  ///< by spatial layer; zeros when it says nothing

  /// Those that need no layer above these: bit i stands for target i.
  std::uint32_t targets_within(std::uint8_t spatial, std::uint8_t temporal) const;
  bool operator==(const DependencyStructure&) const = default;
};

struct DependencyDescriptor {
  bool start_of_frame = false;
  bool end_of_frame = false;
  std::uint16_t frame_number = 0;
  bool has_structure = false;
  /// The template belongs to the structure, so that what follows is known. Not so when the structure was lost.
  bool resolved = false;
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  std::uint64_t indications = 0;                ///< as in Template
  std::optional<std::uint32_t> active_targets;  ///< bit i: target i is still being sent

  Indication indication(std::size_t target) const { return static_cast<Indication>(indications >> (2 * target) & 3); }

  // In bits, for limit_targets().
  std::uint16_t structure_end = 0;  ///< behind the flags, when there is no structure
  std::uint16_t active_end = 0;
  std::uint16_t end = 0;  ///< 0: not resolved
};

/// The longest that we forward. Chromium's for L3T3 have 92 bytes, and all extensions have to fit into maximum_header.
inline constexpr std::size_t maximum_dependency_descriptor = 144;

/// Nothing when it is cut off, contradicts itself, or has layers that cannot be. `known` is the structure of the stream, null
/// before the first. `attached` is filled in when has_structure, and is used then instead of `known`.
std::optional<DependencyDescriptor> parse_dependency_descriptor(Bytes value, const DependencyStructure* known,
                                                                DependencyStructure& attached);

/// In a copy of the descriptor.
void rewrite_frame_number(std::uint16_t frame_number, MutableBytes value);

/// Writes the descriptor with `active` as its active decode targets and returns its size. 0: not resolved, or no room.
/// `value` is what `parsed` was parsed from, `target_count` its structure's.
std::size_t limit_targets(Bytes value, const DependencyDescriptor& parsed, std::uint8_t target_count, std::uint32_t active,
                          MutableBytes out);

}  // namespace parley::rtp
