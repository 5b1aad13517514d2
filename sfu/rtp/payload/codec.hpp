#pragma once
// The codecs whose payloads Parley looks into, and the one question that forwarding asks of every one of them: can a
// receiver begin with this packet?

#include <cstdint>
#include <string_view>

#include "sfu/base/bytes.hpp"

namespace parley::rtp {

enum class Codec : std::uint8_t { opus, red, g711u, g711a, g722, vp8, vp9, h264, av1, other };

/// By its registered name ("VP8", "PCMU"), compared without case.
Codec codec_from_name(std::string_view name);
bool is_video(Codec codec);
/// Of the RTP timestamp, in Hz: 90000 for video, 48000 for Opus and RED of Opus, 8000 for the others (G.722 too, RFC 3551).
std::uint32_t clock_rate(Codec codec);

/// True for the first packet of a frame that needs no earlier one. Always true for audio and unknown codecs, where every
/// packet is a place to begin; false for an empty payload.
bool starts_keyframe(Codec codec, Bytes payload);

}  // namespace parley::rtp
