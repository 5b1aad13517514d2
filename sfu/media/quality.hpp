#pragma once
// What a viewer can be given of a video: an encoding of a simulcast track, and inside of it a spatial and a temporal layer (SVC).
// Every layer includes those below it.

#include <compare>
#include <cstddef>
#include <cstdint>

#include "sfu/base/inline_vector.hpp"

namespace parley::media {

/// Position of an encoding, lowest quality first. Always 0 without simulcast.
struct Layer {
  std::size_t value = 0;
  auto operator<=>(const Layer&) const = default;
};

/// Ordered from the lowest to the highest: by encoding, then spatial layer, then temporal layer.
struct Quality {
  /// VP9 and AV1 number spatial layers 0..7 and temporal layers 0..7 at most; as a target: everything that there is.
  static constexpr std::uint8_t highest_layer = 7;

  Layer encoding;
  std::uint8_t spatial = 0;   ///< the highest that is sent
  std::uint8_t temporal = 0;  ///< the highest that is sent
  auto operator<=>(const Quality&) const = default;
};

/// A quality that a publisher sends now.
struct OfferedQuality {
  Quality quality;
  std::uint64_t bits_per_second = 0;  ///< with all layers below it
  std::uint16_t width = 0;            ///< 0: unknown
  std::uint16_t height = 0;           ///< 0: unknown
};

/// Three encodings of three temporal layers are nine.
using OfferedQualities = InlineVector<OfferedQuality, 9>;

}  // namespace parley::media
