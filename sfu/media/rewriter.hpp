#pragma once
// Makes one continuous outgoing stream out of whatever one subscription forwards: sequence numbers, timestamps and picture
// numbers (PictureID, TL0PICIDX, the dependency descriptor's frame number) go on where they stopped, whichever encoding they come
// from.
//
//   - what was lost on the way to us stays missing in the outgoing numbers, so that the receiver asks for it;
//   - what we left out on purpose (padding-only packets, layers) is squeezed out: skip();
//   - a packet that arrives late, before a squeeze in the order of sending, still gets the number that was left for it.
//
// Pictures that are left out leave no gap in VP8's PictureIDs, because libwebrtc waits for the missing one. In VP9 and AV1 they
// do: there a frame names those that it needs by how many numbers back they are.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/random.hpp"
#include "sfu/media/media_packet.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/rtp/payload/edit.hpp"

namespace parley::media {

/// The outgoing numbers of one packet.
struct Rewritten {
  Sequence sequence = 0;  ///< unwrapped; wire_sequence() for the header
  std::uint32_t timestamp = 0;
  std::uint16_t picture_id = 0;  ///< or frame number, for packets that have one
  std::uint8_t tl0_picture_index = 0;
  std::uint8_t layers = 0xFF;  ///< this receiver's highest, for the dependency descriptor: 4 bits spatial, 4 temporal

  std::uint16_t wire_sequence() const { return static_cast<std::uint16_t>(sequence); }
  void limit(std::uint8_t spatial, std::uint8_t temporal) { layers = static_cast<std::uint8_t>(spatial << 4 | (temporal & 15)); }
  std::uint8_t spatial() const { return layers >> 4; }
  std::uint8_t temporal() const { return layers & 15; }
};

class Rewriter {
 public:
  /// How many squeezes back a late packet can still be placed; older ones are refused.
  static constexpr std::size_t maximum_ranges = 64;

  /// Begins at first_outgoing_sequence() and a random timestamp.
  Rewriter(std::uint32_t clock_rate, Random& random);

  /// `packet` is the first one from its source (LayerSelector says start); `clock` is the sender clock of that source, if known.
  /// Its timestamp follows what was sent before by the sender's wall clock when both sources have one, else by arrival time, and
  /// is always greater.
  void start(Time now, const MediaPacket& packet, const std::optional<SenderClock>& clock);

  /// When the newest timestamp was sent; long ago: never.
  Time newest_time() const { return newest_time_; }

  /// Whether a packet of another source, whose sender clock this is, is older than what was sent: its first packet had to be
  /// repaired meanwhile. To go on from it would show the past once more. False while the clocks are not known.
  bool is_past(const MediaPacket& packet, const std::optional<SenderClock>& clock) const;

  /// The current source's latest sender clock: call when a sender report arrived. It makes switches exact and carries the
  /// publisher's clock to the receiver.
  void update_clock(const SenderClock& clock);

  /// Of the current source only, after start(). False (count rtp_too_old): older than the start or than the squeezes remembered.
  bool rewrite(Time now, const MediaPacket& packet, Rewritten& result);

  /// A packet of the current source that is not forwarded. Almost always there is nothing more to do. When later packets have
  /// been sent already, a number was left free for this one: the result, under which write_padding() should send an empty packet
  /// with the timestamp that comes with it, lest the receiver ask for it in vain.
  std::optional<Rewritten> skip(const MediaPacket& packet);

  /// Sender's wall clock and outgoing timestamp of one instant, for sender reports. Nothing before the source's first report.
  std::optional<SenderClock> outgoing_clock() const { return outgoing_clock_; }
  std::uint32_t clock_rate() const { return clock_rate_; }

 private:
  /// From `first` on: outgoing sequence = source + offset(), outgoing picture = source + pictures(), modulo what its form holds.
  /// Two numbers in one, because each receiver has many of these.
  struct Range {
    Sequence first = 0;
    std::int64_t shift = 0;

    static Range make(Sequence first, Sequence offset, std::uint16_t pictures) { return {first, offset * 65536 + pictures}; }
    Sequence offset() const { return shift >> 16; }
    std::uint16_t pictures() const { return static_cast<std::uint16_t>(shift); }
  };
  const Range* find_range(Sequence source) const {
    return started_ && newest_.first <= source ? &newest_ : find_older_range(source);
  }
  const Range* find_older_range(Sequence source) const;
  void squeeze(Sequence source, std::uint16_t pictures);
  std::uint16_t next_picture(const FramePlace& frame) const;
  void number_picture(const FramePlace& frame, const Range& range, Rewritten& out);
  bool is_newer_picture(const FramePlace& frame) const {
    const unsigned distance = (frame.picture_id - newest_picture_.value_or(0)) & frame.picture_mask;
    return !newest_picture_ || (distance != 0 && distance <= frame.picture_mask / 2u);
  }
  std::optional<Timestamp> timestamp_by_clock(const MediaPacket& packet, const std::optional<SenderClock>& clock) const;
  Timestamp continue_timestamp(Time now, const MediaPacket& packet, const std::optional<SenderClock>& clock) const;

  std::uint32_t clock_rate_;
  bool started_ = false;
  std::uint8_t tl0_offset_ = 0;
  std::optional<std::uint8_t> newest_tl0_;       ///< outgoing
  std::optional<std::uint16_t> newest_picture_;  ///< forwarded or skipped, of the source
  Range newest_;                                 ///< once started
  Sequence next_outgoing_;                       ///< one after the highest sent
  Sequence newest_source_ = 0;                   ///< forwarded or skipped
  Timestamp timestamp_offset_ = 0;
  Timestamp newest_timestamp_;  ///< outgoing
  Time newest_time_{};          ///< when the newest timestamp was sent
  std::vector<Range> older_;    ///< a ring of those before the newest; most streams never need one
  std::size_t older_count_ = 0;
  std::optional<SenderClock> outgoing_clock_;
};

/// What to send instead of the front of a VP8 or VP9 packet; an empty edit for every other codec. RED: see payload/red.hpp.
rtp::PayloadEdit edit_payload(const MediaPacket& packet, const Rewritten& numbers);

/// The numbers of its pictures, into `descriptor`: MediaPacket::descriptor or a copy of it.
void write_picture_numbers(const MediaPacket& packet, const Rewritten& numbers, MutableBytes descriptor);

}  // namespace parley::media
