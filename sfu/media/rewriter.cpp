#include "sfu/media/rewriter.hpp"

#include <algorithm>

#include "sfu/media/clock_math.hpp"
#include "sfu/media/rtx.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"

namespace parley::media {
namespace {

/// Sender clocks that put a switch farther than this from where its packet's arrival puts it are wrong or not of one sender.
constexpr Duration clock_tolerance = seconds(2);
/// A switch moves the timestamp on by at least one frame at 30 frames/s: decoders take equal ones for the same frame.
constexpr std::uint32_t frames_per_second = 30;

/// Whether `value` comes after `newest` in numbers that wrap around behind `mask`.
bool is_ahead(unsigned value, unsigned newest, unsigned mask) {
  const unsigned distance = (value - newest) & mask;
  return distance != 0 && distance <= mask / 2;
}

}  // namespace

Rewriter::Rewriter(std::uint32_t clock_rate, Random& random)
    : clock_rate_(clock_rate), next_outgoing_(first_outgoing_sequence(random)), newest_timestamp_(random.next32()) {}

void Rewriter::start(Time now, const MediaPacket& packet, const std::optional<SenderClock>& clock) {
  newest_ = Range::make(packet.sequence, next_outgoing_ - packet.sequence, next_picture(packet.frame));
  older_count_ = 0;
  newest_picture_.reset();
  newest_source_ = packet.sequence - 1;
  newest_timestamp_ = continue_timestamp(now, packet, clock);
  newest_time_ = now;
  timestamp_offset_ = newest_timestamp_ - packet.timestamp;
  if (packet.frame.has_tl0_picture_index && newest_tl0_)
    tl0_offset_ = static_cast<std::uint8_t>(*newest_tl0_ + 1 - packet.frame.tl0_picture_index);
  started_ = true;
  if (clock) update_clock(*clock);
}

Timestamp Rewriter::continue_timestamp(Time now, const MediaPacket& packet, const std::optional<SenderClock>& clock) const {
  if (!started_) return newest_timestamp_;
  const Timestamp by_arrival = newest_timestamp_ + to_units(now - newest_time_, clock_rate_);
  const Timestamp by_clock = timestamp_by_clock(packet, clock).value_or(by_arrival);
  const bool plausible = std::abs(by_clock - by_arrival) <= to_units(clock_tolerance, clock_rate_);
  return std::max(plausible ? by_clock : by_arrival, newest_timestamp_ + clock_rate_ / frames_per_second);
}

bool Rewriter::is_past(const MediaPacket& packet, const std::optional<SenderClock>& clock) const {
  const auto by_clock = timestamp_by_clock(packet, clock);
  return started_ && by_clock && *by_clock + clock_rate_ / (2 * frames_per_second) < newest_timestamp_;
}

/// Where the sender's wall clock says that the packet belongs in the outgoing stream.
std::optional<Timestamp> Rewriter::timestamp_by_clock(const MediaPacket& packet, const std::optional<SenderClock>& clock) const {
  if (!clock || !outgoing_clock_) return {};
  const Timestamp of_report =
      outgoing_clock_->timestamp + to_units(ntp_difference(clock->ntp, outgoing_clock_->ntp), clock_rate_);
  return of_report + packet.timestamp - clock->timestamp;
}

/// What is to be added to the numbers of a new source that begins with this frame.
std::uint16_t Rewriter::next_picture(const FramePlace& frame) const {
  if (frame.picture_mask == 0 || !newest_picture_) return 0;
  const auto newest_outgoing = *newest_picture_ + newest_.pictures();
  return static_cast<std::uint16_t>(newest_outgoing + 1 - frame.picture_id);
}

void Rewriter::update_clock(const SenderClock& clock) {
  if (!started_) return;
  outgoing_clock_ = clock;
  outgoing_clock_->timestamp += timestamp_offset_;
}

const Rewriter::Range* Rewriter::find_older_range(Sequence source) const {
  const std::size_t remembered = std::min(older_count_, older_.size());
  for (std::size_t back = 1; back <= remembered; ++back)
    if (const Range& range = older_[(older_count_ - back) % older_.size()]; range.first <= source) return &range;
  return nullptr;
}

bool Rewriter::rewrite(Time now, const MediaPacket& packet, Rewritten& result) {
  const Range* const range = find_range(packet.sequence);
  if (!range) return false;
  const Timestamp timestamp = packet.timestamp + timestamp_offset_;
  result.sequence = packet.sequence + range->offset();
  result.timestamp = static_cast<std::uint32_t>(timestamp);
  if (packet.frame.picture_mask != 0) number_picture(packet.frame, *range, result);
  newest_source_ = std::max(newest_source_, packet.sequence);
  next_outgoing_ = std::max(next_outgoing_, result.sequence + 1);
  if (timestamp > newest_timestamp_) {
    newest_timestamp_ = timestamp;
    newest_time_ = now;
  }
  return true;
}

void Rewriter::number_picture(const FramePlace& frame, const Range& range, Rewritten& out) {
  out.picture_id = static_cast<std::uint16_t>((frame.picture_id + range.pictures()) & frame.picture_mask);
  if (is_newer_picture(frame)) newest_picture_ = frame.picture_id;
  if (!frame.has_tl0_picture_index) return;
  out.tl0_picture_index = static_cast<std::uint8_t>(frame.tl0_picture_index + tl0_offset_);
  if (!newest_tl0_ || is_ahead(out.tl0_picture_index, *newest_tl0_, 0xFF)) newest_tl0_ = out.tl0_picture_index;
}

std::optional<Rewritten> Rewriter::skip(const MediaPacket& packet) {
  const Range* const range = find_range(packet.sequence);
  if (!range) return {};
  if (packet.sequence > newest_source_) {
    const bool whole_picture = packet.frame.squeezes_pictures && is_newer_picture(packet.frame);
    if (whole_picture) newest_picture_ = packet.frame.picture_id;
    squeeze(packet.sequence, static_cast<std::uint16_t>(range->pictures() - (whole_picture ? 1 : 0)));
    return {};
  }
  Rewritten left_free;
  left_free.sequence = packet.sequence + range->offset();
  left_free.timestamp = static_cast<std::uint32_t>(newest_timestamp_);
  next_outgoing_ = std::max(next_outgoing_, left_free.sequence + 1);
  return left_free;
}

/// Everything behind `source` moves down by one. Squeezes next to each other share one range.
void Rewriter::squeeze(Sequence source, std::uint16_t pictures) {
  newest_source_ = source;
  if (newest_.first != source) {
    older_.resize(maximum_ranges - 1);
    older_[older_count_++ % older_.size()] = newest_;
  }
  newest_ = Range::make(source + 1, newest_.offset() - 1, pictures);
}

rtp::PayloadEdit edit_payload(const MediaPacket& packet, const Rewritten& numbers) {
  rtp::PayloadEdit edit;
  edit.skip = edit.prefix_size = packet.frame.descriptor_size;
  if (edit.skip == 0) return edit;
  Writer(edit.prefix_bytes).bytes(packet.payload.first(edit.skip));
  write_picture_numbers(packet, numbers, MutableBytes(edit.prefix_bytes).first(edit.skip));
  return edit;
}

void write_picture_numbers(const MediaPacket& packet, const Rewritten& numbers, MutableBytes descriptor) {
  if (packet.codec == rtp::Codec::vp8)
    rtp::rewrite_vp8(numbers.picture_id, numbers.tl0_picture_index, descriptor);
  else if (packet.codec == rtp::Codec::vp9)
    rtp::rewrite_vp9(numbers.picture_id, numbers.tl0_picture_index, descriptor);
  else
    rtp::rewrite_frame_number(numbers.picture_id, descriptor);
}

}  // namespace parley::media
