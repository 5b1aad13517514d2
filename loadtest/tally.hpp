#pragma once
// Counts what the clear RTP headers of a track tell, without its keys: packets, and the frames that are whole and in order. One
// of thousands on a core, so a packet that comes in order costs a few additions. What only the payload knows is left out: whether
// a frame is a key frame, so that after an unrepaired hole the frames up to the next key frame count as shown.

#include <bitset>
#include <cstdint>

#include "loadtest/quality.hpp"
#include "sfu/base/time.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/control/types.hpp"

namespace parley::loadtest {

class Tally {
 public:
  /// For how long a missing packet holds up the ones behind it, as in Probe.
  static constexpr Duration patience = seconds(1);
  /// Packets that may wait behind a missing one: a second of 5 Mbit/s.
  static constexpr Sequence window = 512;

  explicit Tally(control::Kind kind) : kind_(kind) {}

  enum class Outcome : std::uint8_t { waiting, shown, gave_up };
  /// A packet that came for the first time. Video is shown as soon as the packet with the marker and all before it are there,
  /// sound at once unless something later was played. `gave_up`: a missing packet was waited for in vain, and a frame left out.
  Outcome receive(Time now, Sequence sequence, bool marker, Quality& quality);

 private:
  Outcome receive_sound(Time now, Sequence sequence, Quality& quality);
  void pass(Time now, bool marker, Quality& quality);
  void pass_waiting(Time now, Quality& quality);
  bool give_up(Time now, Sequence newest, Quality& quality);

  control::Kind kind_;
  Sequence next_ = 0;          ///< everything before it was passed or given up; 0: nothing came yet
  std::uint32_t waiting_ = 0;  ///< packets behind a missing one
  bool broken_ = false;        ///< the frame that next_ belongs to cannot be shown
  Time blocked_since_{};
  std::bitset<window> arrived_;  ///< by sequence number modulo window
  std::bitset<window> markers_;
};

}  // namespace parley::loadtest
