#pragma once
// How a page shows a track that it receives: what it needs of it, and how much that matters.

#include <cstdint>

#include "sfu/base/ids.hpp"
#include "sfu/control/types.hpp"

namespace parley::signaling {

struct View {
  TrackId track;
  bool visible = true;
  std::uint32_t width = 0;  ///< device pixels; 0: not known, as large as there is
  std::uint32_t height = 0;
  std::uint8_t priority = 100;  ///< 255 is the most important
  control::MaximumLayers maximum;
  bool operator==(const View&) const = default;
};

}  // namespace parley::signaling
