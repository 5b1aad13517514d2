#pragma once
// What was sent on one transport, under which transport-wide sequence number and when: the half of the truth that the feedback of
// the receiver completes (draft-holmer-rmcat-transport-wide-cc-extensions-01).
//
//   add() ──▶ ring of {time, bytes, probe} ── match(feedback) ──▶ {sent, arrived or lost, bytes, probe}

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sfu/base/prefetch.hpp"
#include "sfu/base/time.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/media/bandwidth/probe.hpp"
#include "sfu/rtp/rtcp/transport_feedback.hpp"

namespace parley::media::bandwidth {

/// What is known of one packet in the end.
struct PacketResult {
  enum class Fate : std::uint8_t {
    received,
    lost,
    unknown,  ///< the feedback about it was lost
  };
  Fate fate = Fate::unknown;
  ProbeId probe;
  std::size_t bytes = 0;
  Time sent;
  Duration arrival{};  ///< in the receiver's clock; only when received
};

class SentPackets {
 public:
  /// Feedback that comes later is of no use. It must outlive a full queue somewhere on the way, or nobody would notice that
  /// queue.
  static constexpr Duration history = seconds(10);
  /// A packet that was reported is kept so long: a lost one may still arrive.
  static constexpr Duration afterwards = milliseconds(500);
  /// More under way than this is never remembered: 20 Mbit/s for four seconds. Half of the sequence numbers at most.
  static constexpr std::size_t capacity = 8192;

  /// add() will be called soon.
  void expect_add() const {
    if (!ring_.empty()) prefetch(&at(next_));
  }
  /// The transport-wide sequence number that the packet is to carry.
  std::uint16_t add(Time now, std::size_t bytes, ProbeId probe);

  /// What the feedback says of packets that were not reported before, in the order of their sequence numbers. Valid until the
  /// next call.
  std::span<const PacketResult> match(Time now, const rtp::TransportFeedback& feedback);

  /// When the oldest packet was sent that the receiver should have reported and has not; `never`: there is none.
  Time unreported_since() const;

 private:
  struct Packet {
    Time sent;
    std::uint32_t probe = 0;
    std::uint16_t bytes = 0;
    bool reported = false;
    bool received = false;
  };
  struct Arrival {
    Duration wrapped{};  ///< as the receiver said it
    Duration unwrapped{};
  };
  Packet& at(Sequence sequence) { return ring_[static_cast<std::size_t>(sequence) & (ring_.size() - 1)]; }
  const Packet& at(Sequence sequence) const { return ring_[static_cast<std::size_t>(sequence) & (ring_.size() - 1)]; }
  void forget(Time now);
  void grow();
  /// Unwrapped, or nothing when no such packet is remembered.
  std::optional<Sequence> find(std::uint16_t sequence) const;
  Duration unwrap_arrival(Duration arrival);
  void report(Sequence sequence, PacketResult::Fate fate, Duration arrival);

  std::vector<Packet> ring_;
  Sequence first_ = 0;  ///< the oldest one that is remembered
  Sequence next_ = 0;
  Sequence reported_ = 0;  ///< feedback has covered everything before it
  std::optional<Arrival> newest_arrival_;
  std::vector<PacketResult> results_;
};

}  // namespace parley::media::bandwidth
