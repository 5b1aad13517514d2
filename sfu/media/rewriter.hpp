#pragma once
// Makes one continuous outgoing stream out of whatever one subscription forwards: sequence numbers, timestamps and VP8's picture
// numbers go on where they stopped, whichever encoding they come from.
//
//   - what was lost on the way to us stays missing in the outgoing numbers, so that the receiver asks for it;
//   - what we left out on purpose (padding-only packets) is squeezed out: skip();
//   - a packet that arrives late, before a squeeze in the order of sending, still gets the number that was left for it.

#include <array>
#include <cstdint>
#include <optional>

#include "sfu/base/random.hpp"
#include "sfu/media/media_packet.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/rtp/payload/edit.hpp"

namespace parley::media {

/// The outgoing numbers of one packet.
struct Rewritten {
  Sequence sequence = 0;  ///< unwrapped; wire_sequence() for the header
  std::uint32_t timestamp = 0;
  std::uint16_t picture_id = 0;  ///< for VP8 payloads that have one
  std::uint8_t tl0_picture_index = 0;

  std::uint16_t wire_sequence() const { return static_cast<std::uint16_t>(sequence); }
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
  struct Range {
    Sequence first = 0;   ///< source sequence
    Sequence offset = 0;  ///< outgoing = source + offset
  };
  std::optional<Range> find_range(Sequence source) const;
  Range& newest_range() { return ranges_[(range_count_ - 1) % maximum_ranges]; }
  void squeeze(Sequence source);
  void start_pictures(const rtp::Vp8Descriptor& vp8);
  void number_picture(const rtp::Vp8Descriptor& vp8, Rewritten& out);
  std::optional<Timestamp> timestamp_by_clock(const MediaPacket& packet, const std::optional<SenderClock>& clock) const;
  Timestamp continue_timestamp(Time now, const MediaPacket& packet, const std::optional<SenderClock>& clock) const;

  std::uint32_t clock_rate_;
  std::array<Range, maximum_ranges> ranges_{};  ///< a ring
  std::size_t range_count_ = 0;
  Sequence next_outgoing_;      ///< one after the highest sent
  Sequence newest_source_ = 0;  ///< forwarded or skipped
  Timestamp timestamp_offset_ = 0;
  Timestamp newest_timestamp_;  ///< outgoing
  Time newest_time_;            ///< when the newest timestamp was sent
  bool started_ = false;
  std::optional<SenderClock> outgoing_clock_;
  std::uint16_t picture_offset_ = 0;
  std::uint8_t tl0_offset_ = 0;
  std::optional<std::uint16_t> newest_picture_;
  std::optional<std::uint8_t> newest_tl0_;
};

/// What to send instead of the descriptor of a VP8 packet; an empty edit for every other codec. RED: see payload/red.hpp.
rtp::PayloadEdit edit_payload(const MediaPacket& packet, const Rewritten& numbers);

}  // namespace parley::media
