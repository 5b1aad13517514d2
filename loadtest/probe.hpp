#pragma once
// Judges one received track by the patterns in its packets, as a strict viewer would: is it the right publisher's, whole, in
// order, and does it keep going? It does what a player does: it puts frames together, shows each one whose reference it has
// shown, and is stuck when something is missing.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "loadtest/pattern.hpp"
#include "loadtest/quality.hpp"
#include "sfu/base/counters.hpp"
#include "sfu/base/time.hpp"
#include "sfu/base/unwrap.hpp"

namespace parley::loadtest {

enum class ProbeCount : std::uint8_t {
  packets,           ///< each sequence number once
  duplicates,        ///< a sequence number again
  repaired,          ///< came as a retransmission
  frames_shown,      ///< whole, with everything that they refer to
  keyframes_shown,   ///< of those
  frames_late,       ///< whole, but a newer one had been shown
  frames_abandoned,  ///< given up, because a key frame came first or patience ended
  freezes,           ///< more than `freeze_after` between two shown frames
  damaged,           ///< the payload is not what a publisher writes
  wrong_source,      ///< of another room, publisher or track than the first packet
  misplaced,         ///< sequence numbers and the order of packets and frames do not agree
  count_
};

class Probe {
 public:
  static constexpr Duration freeze_after = Quality::freeze_after;
  /// For how long an incomplete frame holds up the ones behind it; as long as a player's buffer is deep.
  static constexpr Duration patience = seconds(1);
  /// Three seconds of video at 30 frames a second.
  static constexpr std::size_t maximum_open_frames = 90;

  /// One packet with the payload descriptor taken off. The pattern in it, unless it is damaged, somebody else's or came before.
  std::optional<Pattern> receive(Time now, Sequence sequence, Bytes payload, bool repaired);
  /// The same for one packet out of many, when the others are not looked into: its content, its source and its order.
  std::optional<Pattern> inspect(Sequence sequence, Bytes payload);

  const Counters<ProbeCount>& counters() const { return counters_; }
  /// The first packet's: whose track this is. Its frame and packet mean nothing.
  const std::optional<Pattern>& source() const { return source_; }
  /// Waiting for a frame that refers to nothing: only a key frame helps.
  bool stuck(Time now) const;
  std::optional<Time> last_shown() const { return last_shown_; }
  /// The longest time between two shown frames.
  Duration longest_gap() const { return longest_gap_; }
  /// Sequence numbers between the lowest and the highest one that never came.
  std::uint64_t missing() const { return counters_[ProbeCount::packets] == 0 ? 0 : span() - counters_[ProbeCount::packets]; }
  /// What happened until now is not held against the track: gaps are measured from here.
  void forgive(Time now);

 private:
  /// Frames in the order in which they are shown: by number, then by layer.
  using FrameKey = std::pair<std::uint32_t, std::uint8_t>;
  struct Frame {
    Time first_packet;
    Sequence first_sequence = 0;
    std::uint32_t reference = 0;
    std::uint16_t received = 0;
    std::uint16_t packets = 1;
    bool whole() const { return received == packets; }
  };

  bool is_new(Sequence sequence);
  std::optional<Pattern> read(Bytes payload);
  void compare_order(Sequence sequence, const Pattern& pattern);
  bool is_expected(const Pattern& pattern);
  void place(Time now, Sequence sequence, const Pattern& pattern);
  void show_what_can_be(Time now);
  void show(Time now, FrameKey key, const Frame& frame);
  bool showable(FrameKey key, const Frame& frame) const;
  void abandon_before(std::map<FrameKey, Frame>::iterator frame);
  std::uint64_t span() const { return static_cast<std::uint64_t>(highest_ - lowest_ + 1); }

  static constexpr std::size_t window = 2048;
  Counters<ProbeCount> counters_;
  std::optional<Pattern> source_;
  std::vector<Sequence> seen_;  ///< window of them, by sequence number modulo window; 0 is never a sequence number
  Sequence lowest_ = 0;
  Sequence highest_ = 0;
  std::uint32_t frame_of_highest_ = 0;
  std::uint8_t layer_of_highest_ = 0;
  std::map<FrameKey, Frame> open_;
  std::set<FrameKey> shown_;  ///< the last few, for those that refer to them
  std::optional<FrameKey> newest_shown_;
  std::optional<Time> last_shown_;
  Duration longest_gap_{};
};

}  // namespace parley::loadtest
