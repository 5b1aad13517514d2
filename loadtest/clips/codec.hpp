#pragma once
// The codecs of the clips, as far as a load test needs them: real-time settings, one frame in, one frame out.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "loadtest/clips/picture.hpp"
#include "sfu/rtp/payload/codec.hpp"

namespace parley::loadtest {

struct VideoSettings {
  std::size_t width = 0;
  std::size_t height = 0;
  std::uint32_t frames_per_second = 0;
  std::uint32_t kilobits_per_second = 0;
};

class VideoEncoder {
 public:
  virtual ~VideoEncoder() = default;
  /// H.264 with start codes (Annex B), parameter sets in front of every key frame. Throws std::runtime_error when the codec
  /// fails.
  virtual Buffer encode(const Picture& picture, bool keyframe) = 0;
};

class VideoDecoder {
 public:
  virtual ~VideoDecoder() = default;
  /// Nothing when the frame is broken or has no picture.
  virtual std::optional<LumaView> decode(Bytes frame) = 0;
};

class SoundEncoder {
 public:
  virtual ~SoundEncoder() = default;
  /// 20 ms at 48 kHz, mono.
  virtual Buffer encode(std::span<const float> samples) = 0;
};

class SoundDecoder {
 public:
  virtual ~SoundDecoder() = default;
  /// Mono samples, valid until the next frame; none when the frame is broken.
  virtual std::span<const float> decode(Bytes frame) = 0;
};

/// For vp8, vp9 or h264; null for any other codec. They throw std::runtime_error when the codec's library refuses.
std::unique_ptr<VideoEncoder> make_video_encoder(rtp::Codec codec, const VideoSettings& settings);
std::unique_ptr<VideoDecoder> make_video_decoder(rtp::Codec codec);
/// Opus without look-ahead beyond its overlap of opus_delay samples.
std::unique_ptr<SoundEncoder> make_opus_encoder(std::uint32_t kilobits_per_second);
std::unique_ptr<SoundDecoder> make_opus_decoder();
inline constexpr std::size_t opus_delay = 120;

std::unique_ptr<VideoEncoder> make_vpx_encoder(rtp::Codec codec, const VideoSettings& settings);
std::unique_ptr<VideoDecoder> make_vpx_decoder(rtp::Codec codec);
std::unique_ptr<VideoEncoder> make_h264_encoder(const VideoSettings& settings);
std::unique_ptr<VideoDecoder> make_h264_decoder();

}  // namespace parley::loadtest
