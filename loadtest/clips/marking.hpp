#pragma once
// The frame number inside of picture and sound, in a form that survives a codec at any bit rate worth watching.
//
// Picture: 12 x 2 fields over the upper third, black or white: 16 bits of number and 8 of checksum.
// Sound: in each 20 ms four tones, one out of eight in each of four bands: 9 bits of number and 3 of checksum.

#include <cstdint>
#include <optional>
#include <span>

#include "loadtest/clips/picture.hpp"

namespace parley::loadtest {

/// Frames from one key frame to the next in every video clip: 2 s. A key frame's number is a multiple of it.
inline constexpr std::uint32_t frames_per_group = 50;
inline constexpr std::uint32_t video_frames_per_second = 25;

inline constexpr std::uint32_t sound_rate = 48000;
/// One Opus frame of 20 ms.
inline constexpr std::size_t samples_per_frame = 960;
/// The number in a sound counts modulo this.
inline constexpr std::uint32_t sound_numbers = 512;

void draw_number(std::uint16_t number, Picture& picture);
/// Nothing when a field is neither black nor white, or the checksum is wrong.
std::optional<std::uint16_t> read_number(const LumaView& picture);

/// Fills samples_per_frame samples, -1 to 1.
void play_number(std::uint32_t number, std::span<float> samples);
/// From samples_per_frame decoded samples, in which the frame begins `delay` samples late. Nothing when a band has no clear tone.
std::optional<std::uint32_t> hear_number(std::span<const float> samples, std::size_t delay);

}  // namespace parley::loadtest
