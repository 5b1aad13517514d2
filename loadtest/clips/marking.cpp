#include "loadtest/clips/marking.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace parley::loadtest {

namespace {

// ---- pictures

constexpr std::size_t columns = 12;
constexpr std::size_t rows = 2;
constexpr std::uint8_t black = 30;
constexpr std::uint8_t white = 220;
/// Brighter is white, darker is black, and between them nobody knows.
constexpr std::uint32_t least_white = 150;
constexpr std::uint32_t most_black = 100;

/// CRC-8 with the polynomial of ATM: finds every wrong field and every pair of them.
std::uint8_t checksum(std::uint16_t number) {
  std::uint32_t rest = std::uint32_t{number} << 8;
  for (int bit = 23; bit >= 8; --bit)
    if (rest >> bit & 1) rest ^= 0x107u << (bit - 8);
  // Inverted, so that an all-black picture is not frame 0.
  return static_cast<std::uint8_t>(~rest);
}

struct Field {
  std::size_t left, right, top, bottom;
};

Field field(std::size_t bit, std::size_t width, std::size_t height) {
  const std::size_t column = bit % columns;
  const std::size_t row = bit / columns;
  return {column * width / columns, (column + 1) * width / columns, row * height / 6, (row + 1) * height / 6};
}

/// The mean of the inner half, where a codec's ringing does not reach.
std::uint32_t brightness(const LumaView& picture, const Field& field) {
  const std::size_t margin_x = (field.right - field.left) / 4;
  const std::size_t margin_y = (field.bottom - field.top) / 4;
  std::uint32_t sum = 0;
  std::uint32_t count = 0;
  for (std::size_t y = field.top + margin_y; y < field.bottom - margin_y; ++y)
    for (std::size_t x = field.left + margin_x; x < field.right - margin_x; ++x, ++count) sum += picture.at(x, y);
  return sum / std::max(count, 1u);
}

// ---- sound

constexpr std::size_t bands = 4;
constexpr std::size_t tones = 8;
constexpr float volume = 0.15F;
/// Samples over which tones come and go, so that a change of tones does not click.
constexpr std::size_t ramp = 96;
/// How many times as strong as every other tone of its band the right one is at least.
constexpr float clearness = 2;

double frequency(std::size_t band, std::size_t tone) {
  return 600.0 + 1800.0 * static_cast<double>(band) + 200.0 * static_cast<double>(tone);
}

std::array<std::size_t, bands> symbols(std::uint32_t number) {
  const std::size_t low = number & 7, middle = number >> 3 & 7, high = number >> 6 & 7;
  return {low, middle, high, (low + 3 * middle + 5 * high + 1) & 7};
}

/// Goertzel's algorithm: the power at one frequency, under a Hann window against the neighbours.
float power(std::span<const float> samples, double hertz) {
  const auto coefficient = static_cast<float>(2 * std::cos(2 * std::numbers::pi * hertz / sound_rate));
  float before = 0, last = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const float next = samples[i] + coefficient * last - before;
    before = last;
    last = next;
  }
  return before * before + last * last - coefficient * before * last;
}

/// The tone of a band that is clearly louder than its neighbours.
std::optional<std::size_t> loudest(std::span<const float> samples, std::size_t band) {
  std::array<float, tones> powers{};
  for (std::size_t tone = 0; tone < tones; ++tone) powers[tone] = power(samples, frequency(band, tone));
  const auto best = std::ranges::max_element(powers);
  const float strongest = *best;
  if (strongest < 1e-3F) return {};
  *best = 0;
  if (strongest < clearness * *std::ranges::max_element(powers)) return {};
  return static_cast<std::size_t>(best - powers.begin());
}

}  // namespace

void draw_number(std::uint16_t number, Picture& picture) {
  const std::uint32_t bits = std::uint32_t{number} << 8 | checksum(number);
  for (std::size_t bit = 0; bit < columns * rows; ++bit) {
    const Field place = field(bit, picture.width, picture.height);
    const std::uint8_t colour = bits >> (columns * rows - 1 - bit) & 1 ? white : black;
    for (std::size_t y = place.top; y < place.bottom; ++y)
      for (std::size_t x = place.left; x < place.right; ++x) picture.luma[y * picture.width + x] = colour;
  }
}

std::optional<std::uint16_t> read_number(const LumaView& picture) {
  if (picture.width < columns || picture.height < 6 * rows) return {};
  std::uint32_t bits = 0;
  for (std::size_t bit = 0; bit < columns * rows; ++bit) {
    const std::uint32_t seen = brightness(picture, field(bit, picture.width, picture.height));
    if (seen > most_black && seen < least_white) return {};
    bits = bits << 1 | (seen >= least_white ? 1 : 0);
  }
  const auto number = static_cast<std::uint16_t>(bits >> 8);
  if ((bits & 0xFF) != checksum(number)) return {};
  return number;
}

void play_number(std::uint32_t number, std::span<float> samples) {
  const auto chosen = symbols(number);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    double sum = 0;
    for (std::size_t band = 0; band < bands; ++band)
      sum += std::sin(2 * std::numbers::pi * frequency(band, chosen[band]) * static_cast<double>(i) / sound_rate);
    const std::size_t edge = std::min({i, samples.size() - 1 - i, ramp});
    samples[i] = volume * static_cast<float>(sum) * static_cast<float>(edge) / static_cast<float>(ramp);
  }
}

std::optional<std::uint32_t> hear_number(std::span<const float> samples, std::size_t delay) {
  if (samples.size() <= delay) return {};
  std::array<float, samples_per_frame> windowed;
  const std::size_t size = std::min(samples.size() - delay, windowed.size());
  for (std::size_t i = 0; i < size; ++i) {
    const double hann = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size));
    windowed[i] = samples[delay + i] * static_cast<float>(hann);
  }
  std::array<std::size_t, bands> heard{};
  for (std::size_t band = 0; band < bands; ++band) {
    const auto tone = loudest(std::span(windowed).first(size), band);
    if (!tone) return {};
    heard[band] = *tone;
  }
  const auto number = static_cast<std::uint32_t>(heard[0] | heard[1] << 3 | heard[2] << 6);
  if (symbols(number) != heard) return {};
  return number;
}

}  // namespace parley::loadtest
