#pragma once
// What one outgoing SSRC has sent, its sender reports (RFC 3550 section 6.4.1), and the round trip that the answers to them give.

#include <array>
#include <cstdint>
#include <optional>

#include "sfu/base/ids.hpp"
#include "sfu/base/time.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/rtp/rtcp/sender_report.hpp"

namespace parley::media {

class SenderStats {
 public:
  explicit SenderStats(Ssrc ssrc) : ssrc_(ssrc) {}

  /// One packet; octets without header and padding.
  void sent(std::size_t payload_octets);

  /// The report carries the publisher's own clock to the receiver (Rewriter::outgoing_clock), moved on to `now`, so that sound
  /// and picture of one publisher stay together whatever way they took.
  rtp::SenderReport report(Time now, const SenderClock& outgoing, std::uint32_t clock_rate);

  /// From a receiver's report about this SSRC: now - LSR - DLSR. Nothing when it answers none of the last reports.
  std::optional<Duration> round_trip(Time now, const rtp::ReportBlock& block) const;

  Ssrc ssrc() const { return ssrc_; }
  std::uint64_t packets() const { return packets_; }
  std::uint64_t octets() const { return octets_; }

 private:
  struct Sent {
    std::uint32_t middle_ntp = 0;
    Time time;
  };
  Ssrc ssrc_;
  std::uint64_t packets_ = 0;
  std::uint64_t octets_ = 0;
  std::array<Sent, 8> reports_{};  ///< a report a second and a round trip of seconds
  std::size_t report_count_ = 0;
};

}  // namespace parley::media
