#pragma once
// The VP8 payload descriptor, RFC 7741 section 4.2. PictureID and TL0PICIDX must count without a break for a receiver, so they
// are numbered anew when its stream changes from one encoding to another.
//
//     0 1 2 3 4 5 6 7
//    |X|R|N|S|R| PID |
//    |I|L|T|K| RSV   |  if X
//    |M| PictureID   |  if I; 15 bits when M
//    |   TL0PICIDX   |  if L
//    |TID|Y| KEYIDX  |  if T or K

#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"

namespace parley::rtp {

struct Vp8Descriptor {
  bool start_of_frame = false;   ///< S = 1 and PID = 0
  bool keyframe = false;         ///< start of a frame whose VP8 header says key frame
  bool long_picture_id = false;  ///< the 15-bit form
  std::optional<std::uint16_t> picture_id;
  std::optional<std::uint8_t> tl0_picture_index;
  std::optional<std::uint8_t> temporal_layer;
  bool layer_sync = false;  ///< Y: a place to begin with this temporal layer
  std::uint8_t size = 0;    ///< bytes of descriptor, at most 6
};

/// Nothing when the payload ends inside of the descriptor or right behind it.
std::optional<Vp8Descriptor> parse_vp8(Bytes payload);

/// Replaces PictureID (modulo what its form holds) and TL0PICIDX in a copy of the descriptor, where they are present.
void rewrite_vp8(std::uint16_t picture_id, std::uint8_t tl0_picture_index, MutableBytes descriptor);

}  // namespace parley::rtp
