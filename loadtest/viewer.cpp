#include "loadtest/viewer.hpp"

#include "loadtest/clips/marking.hpp"
#include "loadtest/clips/packetize.hpp"
#include "loadtest/ntp.hpp"
#include "sfu/media/clock_math.hpp"

namespace parley::loadtest {

Viewer::Viewer(rtp::Codec codec)
    : codec_(codec),
      buffer_(rtp::is_video(codec) ? control::Kind::video : control::Kind::audio),
      picture_decoder_(make_video_decoder(codec)),
      sound_decoder_(picture_decoder_ ? nullptr : make_opus_decoder()),
      stuck_(picture_decoder_ != nullptr) {}

void Viewer::receive(Time now, const FrameBuffer::Packet& packet, const std::optional<media::SenderClock>& clock,
                     Quality& quality) {
  clock_ = clock;
  buffer_.receive(now, packet);
  while (const auto frame = buffer_.take(now)) picture_decoder_ ? watch(now, *frame, quality) : listen(now, *frame, quality);
}

void Viewer::watch(Time now, const FrameBuffer::Frame& frame, Quality& quality) {
  if (frame.after_gap) stuck_ = true;
  const bool keyframe = rtp::starts_keyframe(codec_, frame.payloads.front());
  if (stuck_ && !keyframe) return;
  stuck_ = true;  // until this one is shown
  const bool whole = assemble_frame(codec_, frame.payloads, encoded_);
  const auto picture = whole ? picture_decoder_->decode(encoded_) : std::nullopt;
  const auto number = picture ? read_number(*picture) : std::nullopt;
  if (!number) return void(++quality.damaged);
  const bool expected = keyframe ? *number % frames_per_group == 0 : number_ && *number == *number_ + 1;
  if (!expected) ++quality.misplaced;
  number_ = *number;
  stuck_ = false;
  show(now, frame, keyframe, quality);
}

void Viewer::listen(Time now, const FrameBuffer::Frame& frame, Quality& quality) {
  if (frame.after_gap) recovering_ = sound_recovery;
  const bool anew = quality.last_frame && now - *quality.last_frame > Quality::freeze_after;
  const auto number = hear_number(sound_decoder_->decode(frame.payloads.front()), opus_delay);
  if (!number && recovering_ == 0) return void(++quality.damaged);
  if (number && number_ && !anew) {
    const auto passed = static_cast<std::uint64_t>(frame.sequence - sequence_);
    if (*number != (*number_ + passed) % sound_numbers) ++quality.misplaced;
  }
  if (number) {
    number_ = *number;
    sequence_ = frame.sequence;
  }
  if (recovering_ > 0) --recovering_;
  show(now, frame, true, quality);
}

void Viewer::show(Time now, const FrameBuffer::Frame& frame, bool keyframe, Quality& quality) {
  quality.show(now, keyframe);
  if (!clock_) return;
  const Duration delay = now - capture_time(*clock_, frame.timestamp, rtp::clock_rate(codec_));
  if (delay < Duration::zero() || delay > longest_delay) return;
  quality.delay.add(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(delay).count()));
}

Time capture_time(const media::SenderClock& clock, Timestamp timestamp, std::uint32_t clock_rate) {
  return from_ntp(clock.ntp) + media::to_duration(timestamp - clock.timestamp, clock_rate);
}

}  // namespace parley::loadtest
