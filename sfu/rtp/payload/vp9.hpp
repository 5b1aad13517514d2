#pragma once
// The VP9 payload descriptor, RFC 9628 section 4.2, in flexible (Chromium) and non-flexible (Firefox) mode.
//
//    |I|P|L|F|B|E|V|Z|
//    |M| PictureID   |  if I; 15 bits when M
//    | TID |U| SID |D|  if L
//    |   TL0PICIDX   |  if L and not F
//    | P_DIFF      |N|  if P and F, up to three times
//    |      SS ...   |  if V: sizes of the spatial layers, and the picture group of the non-flexible mode

#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/rtp/payload/picture_size.hpp"

namespace parley::rtp {

struct Vp9Descriptor {
  std::optional<std::uint16_t> picture_id;
  bool long_picture_id = false;  ///< the 15-bit form
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

/// Nothing when the payload ends inside of the descriptor or right behind it, or it has more than three reference indices.
std::optional<Vp9Descriptor> parse_vp9(Bytes payload);

/// Where PictureID and TL0PICIDX stand: no more bytes than this from the front.
inline constexpr std::size_t vp9_numbers_size = 5;
/// Replaces PictureID (modulo what its form holds) and TL0PICIDX in a copy of the front of the descriptor, where they are
/// present.
void rewrite_vp9(std::uint16_t picture_id, std::uint8_t tl0_picture_index, MutableBytes descriptor);

/// From the scalability structure. Nothing when there is none, or it has no sizes.
std::optional<PictureSizes> read_vp9_sizes(Bytes payload);

}  // namespace parley::rtp
