#include "sfu/media/rewriter.hpp"

#include <algorithm>

#include "sfu/media/clock_math.hpp"
#include "sfu/media/rtx.hpp"

namespace parley::media {
namespace {

/// Sender clocks that put a switch farther than this from where its packet's arrival puts it are wrong or not of one sender.
constexpr Duration clock_tolerance = seconds(2);
/// A switch moves the timestamp on by at least one frame at 30 frames/s: decoders take equal ones for the same frame.
constexpr std::uint32_t frames_per_second = 30;

/// RFC 7741 section 4.2: PictureID has 7 or 15 bits.
std::uint16_t picture_mask(const rtp::Vp8Descriptor& vp8) { return vp8.long_picture_id ? 0x7FFF : 0x7F; }

/// Whether `value` comes after `newest` in numbers that wrap around behind `mask`.
bool is_ahead(unsigned value, unsigned newest, unsigned mask) {
  const unsigned distance = (value - newest) & mask;
  return distance != 0 && distance <= mask / 2;
}

}  // namespace

Rewriter::Rewriter(std::uint32_t clock_rate, Random& random)
    : clock_rate_(clock_rate), next_outgoing_(first_outgoing_sequence(random)), newest_timestamp_(random.next32()) {}

void Rewriter::start(Time now, const MediaPacket& packet, const std::optional<SenderClock>& clock) {
  ranges_[0] = {packet.sequence, next_outgoing_ - packet.sequence};
  range_count_ = 1;
  newest_source_ = packet.sequence - 1;
  newest_timestamp_ = continue_timestamp(now, packet, clock);
  newest_time_ = now;
  timestamp_offset_ = newest_timestamp_ - packet.timestamp;
  if (packet.vp8) start_pictures(*packet.vp8);
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

/// Where the sender's wall clock says that the packet belongs in the outgoing stream.
std::optional<Timestamp> Rewriter::timestamp_by_clock(const MediaPacket& packet, const std::optional<SenderClock>& clock) const {
  if (!clock || !outgoing_clock_) return {};
  const Timestamp of_report =
      outgoing_clock_->timestamp + to_units(ntp_difference(clock->ntp, outgoing_clock_->ntp), clock_rate_);
  return of_report + packet.timestamp - clock->timestamp;
}

void Rewriter::start_pictures(const rtp::Vp8Descriptor& vp8) {
  if (vp8.picture_id && newest_picture_) picture_offset_ = static_cast<std::uint16_t>(*newest_picture_ + 1 - *vp8.picture_id);
  if (vp8.tl0_picture_index && newest_tl0_) tl0_offset_ = static_cast<std::uint8_t>(*newest_tl0_ + 1 - *vp8.tl0_picture_index);
}

void Rewriter::update_clock(const SenderClock& clock) {
  if (!started_) return;
  outgoing_clock_ = clock;
  outgoing_clock_->timestamp += timestamp_offset_;
}

std::optional<Rewriter::Range> Rewriter::find_range(Sequence source) const {
  const std::size_t remembered = std::min(range_count_, maximum_ranges);
  for (std::size_t back = 1; back <= remembered; ++back)
    if (const Range& range = ranges_[(range_count_ - back) % maximum_ranges]; range.first <= source) return range;
  return {};
}

bool Rewriter::rewrite(Time now, const MediaPacket& packet, Rewritten& result) {
  const auto range = find_range(packet.sequence);
  if (!range) return false;
  const Timestamp timestamp = packet.timestamp + timestamp_offset_;
  result.sequence = packet.sequence + range->offset;
  result.timestamp = static_cast<std::uint32_t>(timestamp);
  if (packet.vp8) number_picture(*packet.vp8, result);
  newest_source_ = std::max(newest_source_, packet.sequence);
  next_outgoing_ = std::max(next_outgoing_, result.sequence + 1);
  if (timestamp > newest_timestamp_) {
    newest_timestamp_ = timestamp;
    newest_time_ = now;
  }
  return true;
}

void Rewriter::number_picture(const rtp::Vp8Descriptor& vp8, Rewritten& out) {
  if (vp8.picture_id) {
    const std::uint16_t mask = picture_mask(vp8);
    out.picture_id = static_cast<std::uint16_t>((*vp8.picture_id + picture_offset_) & mask);
    if (!newest_picture_ || is_ahead(out.picture_id, *newest_picture_, mask)) newest_picture_ = out.picture_id;
  }
  if (vp8.tl0_picture_index) {
    out.tl0_picture_index = static_cast<std::uint8_t>(*vp8.tl0_picture_index + tl0_offset_);
    if (!newest_tl0_ || is_ahead(out.tl0_picture_index, *newest_tl0_, 0xFF)) newest_tl0_ = out.tl0_picture_index;
  }
}

std::optional<Rewritten> Rewriter::skip(const MediaPacket& packet) {
  const auto range = find_range(packet.sequence);
  if (!range) return {};
  if (packet.sequence > newest_source_) {
    squeeze(packet.sequence);
    return {};
  }
  Rewritten left_free;
  left_free.sequence = packet.sequence + range->offset;
  left_free.timestamp = static_cast<std::uint32_t>(newest_timestamp_);
  next_outgoing_ = std::max(next_outgoing_, left_free.sequence + 1);
  return left_free;
}

/// Everything behind `source` moves down by one. Squeezes next to each other share one range.
void Rewriter::squeeze(Sequence source) {
  newest_source_ = source;
  Range& newest = newest_range();
  const Range next{source + 1, newest.offset - 1};
  if (newest.first == source)
    newest = next;
  else
    ranges_[range_count_++ % maximum_ranges] = next;
}

rtp::PayloadEdit edit_payload(const MediaPacket& packet, const Rewritten& numbers) {
  rtp::PayloadEdit edit;
  if (!packet.vp8) return edit;
  edit.skip = edit.prefix_size = packet.vp8->size;
  Writer(edit.prefix_bytes).bytes(packet.payload.first(packet.vp8->size));
  rtp::rewrite_vp8(numbers.picture_id, numbers.tl0_picture_index, MutableBytes(edit.prefix_bytes).first(packet.vp8->size));
  return edit;
}

}  // namespace parley::media
