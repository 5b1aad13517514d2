#pragma once
// Which packets of one SSRC are missing, and when to ask for them again (RFC 4585). A machine.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/machine.hpp"
#include "sfu/base/unwrap.hpp"

namespace parley::media {

/// What a NackTracker wants to be sent.
struct NackRequest {
  std::vector<std::uint16_t> sequences;  ///< ascending; as on the wire
  bool keyframe = false;                 ///< too much is missing to be repaired: ask for a key frame instead
};

class NackTracker {
 public:
  /// Reordering shorter than this is no loss: a first NACK follows within 10 to 20 ms.
  static constexpr Duration reorder_allowance = milliseconds(15);
  /// Then after a round trip, a quarter longer each time, within these bounds: sooner the answer cannot be here, later it comes
  /// too late to be shown.
  static constexpr Duration minimum_interval = milliseconds(20);
  static constexpr Duration maximum_interval = seconds(1);
  /// After ten tries the publisher does not have it any more.
  static constexpr std::uint8_t maximum_tries = 10;
  /// More missing packets than this are not repaired one by one. One second of 2.5 Mbit/s video is about 260 packets.
  static constexpr std::size_t maximum_missing = 256;

  /// A packet arrived, by itself or by retransmission; padding-only ones too. The first one begins the tracking.
  void receive(Time now, Sequence sequence);
  /// Adds to `out` what is due.
  void advance(Time now, NackRequest& out);
  Time wakeup() const { return wakeup_; }

  /// Smoothed from the time between the first request for a packet and its arrival; 100 ms before the first one.
  Duration round_trip() const { return round_trip_; }
  std::size_t missing() const { return missing_.size(); }
  /// Forgets what is missing: the stream is paused, or nobody watches.
  void clear();

 private:
  struct Missing {
    Sequence sequence = 0;
    Time due;
    Time asked;  ///< for the first time
    std::uint8_t tries = 0;
  };
  void add_gap(Time now, Sequence first, Sequence end);
  void found(Time now, Sequence sequence);

  std::vector<Missing> missing_;  ///< ascending
  std::optional<Sequence> newest_;
  Duration round_trip_ = milliseconds(100);
  bool overflowed_ = false;
  Time wakeup_ = never;
};

}  // namespace parley::media
