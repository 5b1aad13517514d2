#pragma once
// Transport-wide congestion control feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1 (type 205, FMT 15):
// when each packet of a transport arrived.
//
//    base sequence (16) | packet count (16)
//    reference time (24, units of 64 ms) | feedback count (8)
//    chunks: 0 SS LLLLLLLLLLLLL          run of L equal symbols
//            1 0 ssssssssssssss          14 one-bit symbols
//            1 1 ss ss ss ss ss ss ss    7 two-bit symbols
//    deltas: one or two bytes for each received packet, units of 250 us

#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/inline_vector.hpp"
#include "sfu/base/time.hpp"

namespace parley::rtp {

struct TransportFeedback {
  /// Of 20 messages a second to somebody who gets 10 Mbit/s.
  using Arrivals = InlineVector<std::optional<Duration>, 64>;
  Ssrc sender;
  Ssrc media;
  std::uint16_t base_sequence = 0;  ///< of the first of `arrivals`
  std::uint8_t feedback_count = 0;  ///< counts feedback messages, so that a lost one is noticed
  /// When packet base_sequence + i arrived, in the receiver's clock modulo 2^24 * 64 ms (12.4 days); nothing: not received.
  /// Rounded to 250 us by the wire.
  Arrivals arrivals;
  bool operator==(const TransportFeedback&) const = default;
};

/// Resolution of an arrival time on the wire.
inline constexpr Duration feedback_tick = microseconds(250);
inline constexpr Duration feedback_reference_tick = milliseconds(64);
/// Longer lists are refused: two bytes may claim 8191 lost packets, and no transport loses that many between two messages.
inline constexpr std::size_t maximum_feedback_packets = 8192;

std::optional<TransportFeedback> parse_transport_feedback(Bytes body);
/// The caller keeps neighbouring arrivals less than 8 s apart (a delta has 16 bits); what does not fit is written as lost.
void write(const TransportFeedback& feedback, Writer& out);

}  // namespace parley::rtp
