#include "loadtest/frame_buffer.hpp"

#include <algorithm>

namespace parley::loadtest {

void FrameBuffer::receive(Time now, const Packet& packet) {
  if (begin_ == 0) begin_ = next_ = newest_ = packet.sequence;
  if (packet.sequence < next_) return;
  if (packet.sequence - begin_ >= window) {
    // Nothing that waits can be completed any more.
    begin_after_gap(packet.sequence);
  }
  if (newest_ < next_) blocked_since_ = now;
  newest_ = std::max(newest_, packet.sequence);
  Slot& place = slot(packet.sequence);
  place.sequence = packet.sequence;
  place.timestamp = packet.timestamp;
  place.end_of_frame = packet.end_of_frame;
  place.payload.assign(packet.payload.begin(), packet.payload.end());
}

std::optional<FrameBuffer::Frame> FrameBuffer::take(Time now) {
  if (begin_ == 0) return {};
  do {
    while (next_ <= newest_ && arrived(next_)) {
      const Slot& last = slot(next_++);
      blocked_since_ = now;
      if (!last.end_of_frame) continue;
      Frame frame{.sequence = last.sequence, .timestamp = last.timestamp, .after_gap = gap_, .payloads = {}};
      for (Sequence sequence = begin_; sequence < next_; ++sequence)
        if (!slot(sequence).payload.empty()) frame.payloads.push_back(slot(sequence).payload);
      begin_ = next_;
      if (frame.payloads.empty()) continue;
      gap_ = false;
      return frame;
    }
  } while (give_up(now));
  return {};
}

bool FrameBuffer::give_up(Time now) {
  const Duration patience = kind_ == control::Kind::video ? video_patience : sound_patience;
  if (next_ > newest_ || now - blocked_since_ <= patience) return false;
  Sequence present = next_;
  while (!arrived(present)) ++present;
  begin_after_gap(present);
  return true;
}

void FrameBuffer::begin_after_gap(Sequence sequence) {
  begin_ = next_ = sequence;
  gap_ = true;
}

}  // namespace parley::loadtest
