#pragma once
// The VP9 payload descriptor, RFC 9628 section 4.2, in flexible (Chromium) and non-flexible (Firefox) mode.

#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"

namespace parley::rtp {

struct Vp9Descriptor {
  std::optional<std::uint16_t> picture_id;
  bool inter_predicted = false;  ///< P: needs an earlier picture
  bool start_of_frame = false;   ///< B, of a layer frame
  bool end_of_frame = false;     ///< E, of a layer frame
  bool flexible = false;         ///< F
  std::uint8_t temporal_layer = 0;
  std::uint8_t spatial_layer = 0;
  bool switching_point = false;        ///< U: temporal layers above may begin here
  bool inter_layer_predicted = false;  ///< D: needs the spatial layer below
  std::optional<std::uint8_t> tl0_picture_index;
  std::uint16_t size = 0;  ///< a scalability structure may make it longer than 255

  /// The first packet of a picture that needs no other.
  bool starts_keyframe() const { return !inter_predicted && start_of_frame && spatial_layer == 0; }
};

/// Nothing when the payload ends inside of the descriptor or right behind it. or it has more than three reference indices.
std::optional<Vp9Descriptor> parse_vp9(Bytes payload);

}  // namespace parley::rtp
