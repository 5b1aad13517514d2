#pragma once
// A clip: a few seconds of one encoded track, made at build time, that is sent round and round. All layers of a simulcast clip
// have the same frames, and their key frames at the same ones.
//
// The file, numbers with the highest byte first:
//
//     "ParleyCl" 8 | version 1 | codec 1 | layers 1 | frame duration 2 | frames 4 | layers x { width 2 | height 2 } |
//     frames x layers x { flags 1 | size 4 | the frame }
//
// Codec: 1 Opus, 2 VP8, 3 VP9, 4 H.264. Frame duration: in RTP units. Flags: 1 for a key frame. The first frame is one.

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "loadtest/clips/packetize.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/result.hpp"
#include "sfu/rtp/payload/codec.hpp"

namespace parley::loadtest {

/// What a file says.
struct ClipContent {
  struct Size {
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    bool operator==(const Size&) const = default;
  };
  struct Frame {
    bool keyframe = false;
    Buffer bytes;
    bool operator==(const Frame&) const = default;
  };
  rtp::Codec codec = rtp::Codec::opus;
  std::uint16_t frame_duration = 0;  ///< RTP units
  std::vector<Size> layers;          ///< the smallest first; 0 x 0 for sound
  std::vector<Frame> frames;         ///< for each frame all its layers
  bool operator==(const ClipContent&) const = default;
};

Buffer write_clip(const ClipContent& content);

class Clip {
 public:
  /// More layers than anybody sends, and a frame larger than any of a meeting: what says so is no clip of ours.
  static constexpr std::size_t maximum_layers = 4;
  static constexpr std::size_t maximum_frame = 1 << 20;

  Clip(Clip&&) = default;
  Clip& operator=(Clip&&) = default;

  rtp::Codec codec() const { return content_.codec; }
  std::uint32_t frame_duration() const { return content_.frame_duration; }
  std::size_t layers() const { return content_.layers.size(); }
  const ClipContent::Size& size(std::size_t layer) const { return content_.layers[layer]; }
  /// Of each layer.
  std::uint32_t frames() const { return static_cast<std::uint32_t>(content_.frames.size() / layers()); }
  bool keyframe(std::uint32_t number) const { return content_.frames[number * layers()].keyframe; }
  const Buffer& frame(std::size_t layer, std::uint32_t number) const { return content_.frames[number * layers() + layer].bytes; }
  /// The frame, cut into parts for packets.
  std::span<const FramePart> parts(std::size_t layer, std::uint32_t number) const { return parts_[number * layers() + layer]; }
  /// The first key frame at `number` or after it, or frame 0 behind the last one.
  std::uint32_t next_keyframe(std::uint32_t number) const;

 private:
  friend Result<Clip> make_clip(ClipContent content);
  explicit Clip(ClipContent content);

  ClipContent content_;
  std::vector<std::vector<FramePart>> parts_;  ///< beside content_.frames
  std::deque<Buffer> aggregates_;
};

/// Refused: "clip_invalid".
Result<Clip> make_clip(ClipContent content);
/// Refused: "clip_invalid". Safe with any bytes.
Result<Clip> parse_clip(Bytes file);

}  // namespace parley::loadtest
