#include "loadtest/clips/film.hpp"

#include <algorithm>
#include <cmath>

#include "loadtest/clips/marking.hpp"

namespace parley::loadtest {

namespace {

/// Half of the range of the grain, in steps of brightness.
constexpr std::uint32_t grain = 6;

struct Disc {
  double x, y, radius;  ///< shares of width, height and height
  std::uint8_t brightness;
};

Disc disc(std::uint32_t number, std::uint32_t which) {
  const double turn = number * 0.04 * (which + 1) + which * 2.1;
  return {0.5 + 0.4 * std::cos(turn), 0.66 + 0.25 * std::sin(turn * 1.3), 0.08 + 0.03 * which,
          static_cast<std::uint8_t>(90 + 55 * which)};
}

void draw_ground(std::uint32_t number, Picture& picture) {
  std::uint32_t random = 2463534242u + number * 7919u;
  for (std::size_t y = 0; y < picture.height; ++y) {
    for (std::size_t x = 0; x < picture.width; ++x) {
      random ^= random << 13;  // Marsaglia's xorshift
      random ^= random >> 17;
      random ^= random << 5;
      const std::size_t shade = 60 + 80 * x / picture.width + 40 * y / picture.height;
      picture.luma[y * picture.width + x] = static_cast<std::uint8_t>(shade + random % (2 * grain + 1));
    }
  }
}

void draw(const Disc& disc, Picture& picture) {
  const double radius = disc.radius * static_cast<double>(picture.height);
  const double center_x = disc.x * static_cast<double>(picture.width);
  const double center_y = disc.y * static_cast<double>(picture.height);
  const auto top = static_cast<std::size_t>(std::max(0.0, center_y - radius));
  const auto bottom = std::min(picture.height, static_cast<std::size_t>(std::max(0.0, center_y + radius)));
  for (std::size_t y = top; y < bottom; ++y) {
    const double half = std::sqrt(std::max(0.0, radius * radius - std::pow(static_cast<double>(y) - center_y, 2)));
    const auto left = static_cast<std::size_t>(std::max(0.0, center_x - half));
    const auto right = std::min(picture.width, static_cast<std::size_t>(std::max(0.0, center_x + half)));
    for (std::size_t x = left; x < right; ++x) picture.luma[y * picture.width + x] = disc.brightness;
  }
}

}  // namespace

void film(std::uint32_t number, Picture& picture) {
  draw_ground(number, picture);
  for (std::uint32_t which = 0; which < 3; ++which) draw(disc(number, which), picture);
  std::ranges::fill(picture.blue, static_cast<std::uint8_t>(128 + 40 * std::sin(number * 0.02)));
  std::ranges::fill(picture.red, static_cast<std::uint8_t>(128 + 40 * std::cos(number * 0.03)));
  draw_number(static_cast<std::uint16_t>(number), picture);
}

}  // namespace parley::loadtest
