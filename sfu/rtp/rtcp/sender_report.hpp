#pragma once
// SR, RFC 3550 section 6.4.1: ties a sender's RTP timestamps to its wall clock, which is what lip sync works by.

#include "sfu/rtp/rtcp/report_block.hpp"

namespace parley::rtp {

struct SenderReport {
  Ssrc sender;
  std::uint64_t ntp = 0;        ///< the sender's wall clock, 32.32 fixed point seconds since 1900
  std::uint32_t timestamp = 0;  ///< the same instant in the stream's RTP timestamps
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  ReportBlocks blocks;
  bool operator==(const SenderReport&) const = default;
};

/// `body`: what follows the RTCP header.
std::optional<SenderReport> parse_sender_report(std::uint8_t count, Bytes body);
/// At most maximum_report_blocks are written.
void write(const SenderReport& report, Writer& out);

}  // namespace parley::rtp
