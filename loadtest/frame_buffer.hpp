#pragma once
// Puts the packets of one track back in order and together to frames, as a player's jitter buffer does: each frame as soon as it
// is whole and everything before it has come or was given up.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/time.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/control/types.hpp"

namespace parley::loadtest {

class FrameBuffer {
 public:
  /// Packets that may wait behind a missing one: a second of 5 Mbit/s.
  static constexpr Sequence window = 512;

  /// For how long a missing packet holds up the ones behind it: as deep as a player's buffer. Pictures wait for their repair,
  /// sound does not.
  static constexpr Duration video_patience = seconds(1);
  static constexpr Duration sound_patience = milliseconds(100);

  explicit FrameBuffer(control::Kind kind) : kind_(kind) {}

  struct Packet {
    Sequence sequence = 0;
    std::int64_t timestamp = 0;
    bool end_of_frame = false;
    Bytes payload;  ///< copied
  };
  /// A packet that came for the first time. A payload of padding only fills its place and nothing else.
  void receive(Time now, const Packet& packet);

  struct Frame {
    Sequence sequence = 0;  ///< of its last packet
    std::int64_t timestamp = 0;
    bool after_gap = false;       ///< something before it is missing, perhaps its own beginning
    std::vector<Bytes> payloads;  ///< valid until the next receive()
  };
  /// The next frame, if it is there.
  std::optional<Frame> take(Time now);

 private:
  struct Slot {
    Sequence sequence = 0;
    std::int64_t timestamp = 0;
    bool end_of_frame = false;
    Buffer payload;
  };
  Slot& slot(Sequence sequence) { return slots_[static_cast<std::size_t>(sequence % window)]; }
  bool arrived(Sequence sequence) { return slot(sequence).sequence == sequence; }
  bool give_up(Time now);
  void begin_after_gap(Sequence sequence);

  control::Kind kind_;
  std::vector<Slot> slots_ = std::vector<Slot>(window);
  Sequence begin_ = 0;  ///< of the frame that is being put together; 0: nothing came yet
  Sequence next_ = 0;   ///< everything from begin_ to here has come
  Sequence newest_ = 0;
  bool gap_ = false;  ///< before begin_
  Time blocked_since_{};
};

}  // namespace parley::loadtest
