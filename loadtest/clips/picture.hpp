#pragma once
// A picture in memory as video codecs take and give it: I420, rows without gaps, chroma at half the size.

#include <cstddef>
#include <cstdint>

#include "sfu/base/bytes.hpp"

namespace parley::loadtest {

struct Picture {
  Picture(std::size_t picture_width, std::size_t picture_height)
      : width(picture_width),
        height(picture_height),
        luma(width * height),
        blue((width + 1) / 2 * ((height + 1) / 2)),
        red(blue.size()) {}

  std::size_t width;
  std::size_t height;
  Buffer luma;
  Buffer blue;
  Buffer red;
};

/// The brightness of a decoded picture, inside of its decoder and valid until the next frame.
struct LumaView {
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t stride = 0;  ///< bytes from one row to the next
  Bytes pixels;

  std::uint8_t at(std::size_t x, std::size_t y) const { return pixels[y * stride + x]; }
};

}  // namespace parley::loadtest
