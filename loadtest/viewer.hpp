#pragma once
// Watches or listens to one track that carries a clip, to the last step: puts frames together, decodes them, and reads their
// numbers out of picture or sound. A number must be one more than the last, or at a key frame the first of a group: whoever
// leaves out, repeats, swaps or damages a frame is found out.

#include <cstdint>
#include <memory>
#include <optional>

#include "loadtest/clips/codec.hpp"
#include "loadtest/frame_buffer.hpp"
#include "loadtest/quality.hpp"
#include "sfu/base/time.hpp"
#include "sfu/media/receive_stats.hpp"

namespace parley::loadtest {

class Viewer {
 public:
  /// A decoder of sound needs so many frames to be itself again after a hole, or at the beginning.
  static constexpr std::uint32_t sound_recovery = 3;
  /// Delays longer than this are those of a clock that is not ours.
  static constexpr Duration longest_delay = seconds(60);

  explicit Viewer(rtp::Codec codec);

  rtp::Codec codec() const { return codec_; }
  /// A decrypted packet that came for the first time; `clock` tells when its frame was captured.
  void receive(Time now, const FrameBuffer::Packet& packet, const std::optional<media::SenderClock>& clock, Quality& quality);
  /// Nothing can be shown without a key frame.
  bool stuck() const { return stuck_; }

 private:
  void watch(Time now, const FrameBuffer::Frame& frame, Quality& quality);
  void listen(Time now, const FrameBuffer::Frame& frame, Quality& quality);
  void show(Time now, const FrameBuffer::Frame& frame, bool keyframe, Quality& quality);

  rtp::Codec codec_;
  FrameBuffer buffer_;
  std::unique_ptr<VideoDecoder> picture_decoder_;
  std::unique_ptr<SoundDecoder> sound_decoder_;
  std::optional<media::SenderClock> clock_;
  Buffer encoded_;
  bool stuck_ = false;
  std::uint32_t recovering_ = sound_recovery;  ///< frames of sound that need not be understood
  std::optional<std::uint32_t> number_;        ///< of the last frame shown
  Sequence sequence_ = 0;                      ///< where it was
};

/// The time at which a stream's timestamp was captured, on the clock that made the report's NTP time.
Time capture_time(const media::SenderClock& clock, Timestamp timestamp, std::uint32_t clock_rate);

}  // namespace parley::loadtest
