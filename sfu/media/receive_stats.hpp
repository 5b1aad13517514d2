#pragma once
// Reception of one SSRC: what RFC 3550 section 6.4 and appendix A say about loss, jitter and reports, and the place where the
// sequence numbers and timestamps of a publisher are unwrapped.

#include <bitset>
#include <cstdint>
#include <optional>

#include "sfu/base/drop_reason.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/time.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/rtp/packet.hpp"
#include "sfu/rtp/rtcp/sender_report.hpp"

namespace parley::media {

/// What a publisher's sender report says: one instant on its wall clock and on a stream's RTP clock.
struct SenderClock {
  std::uint64_t ntp = 0;    ///< 32.32 fixed point seconds
  Timestamp timestamp = 0;  ///< unwrapped in the same way as the stream's packets
  Time arrival;             ///< when the report came
};

class ReceiveStats {
 public:
  /// A packet this much older than the newest one is too old. The size of the video packet cache: what is not in there any
  /// more cannot be told from a duplicate.
  static constexpr std::int64_t window = 1024;

  /// `clock_rate` of the RTP timestamp in Hz (rtp::clock_rate).
  ReceiveStats(Ssrc ssrc, std::uint32_t clock_rate) : ssrc_(ssrc), clock_rate_(clock_rate) {}

  struct Arrival {
    Sequence sequence = 0;
    Timestamp timestamp = 0;
    std::optional<DropReason> drop;  ///< rtp_duplicate or rtp_too_old
    bool newest = false;             ///< its sequence is higher than any before it
  };
  /// Any packet of this SSRC, padding-only ones too.
  Arrival receive(Time now, const rtp::PacketView& packet);
  /// A packet that came by retransmission (unwrap_rtx). It counts as lost all the same, and not for jitter.
  Arrival receive_repaired(const rtp::PacketView& packet);

  /// The caller has seen that report.sender is this SSRC.
  void receive(Time now, const rtp::SenderReport& report);
  /// Of the latest sender report.
  const std::optional<SenderClock>& clock() const { return clock_; }

  /// Nothing before the first packet. Begins a new interval for the fraction lost.
  std::optional<rtp::ReportBlock> report(Time now);

  Ssrc ssrc() const { return ssrc_; }
  /// Packets and payload bytes, with duplicates, without repaired ones.
  std::uint64_t packets() const { return received_; }
  std::uint64_t octets() const { return octets_; }
  /// Negative with duplicates, as in RFC 3550.
  std::int64_t lost() const;

 private:
  Arrival classify(const rtp::PacketView& packet);
  void measure_jitter(Time now, Timestamp timestamp);

  Ssrc ssrc_;
  std::uint32_t clock_rate_;
  Unwrapper<std::uint16_t> sequences_;
  Unwrapper<std::uint32_t> timestamps_;
  std::optional<Sequence> first_;
  Sequence newest_ = 0;
  std::bitset<window> seen_;  ///< by sequence modulo window
  std::uint64_t received_ = 0;
  std::uint64_t octets_ = 0;
  std::int64_t expected_at_report_ = 0;
  std::int64_t received_at_report_ = 0;
  std::optional<Duration> transit_;
  Duration jitter_{};
  std::optional<SenderClock> clock_;
};

}  // namespace parley::media
