#pragma once
// RR, RFC 3550 section 6.4.2.

#include "sfu/rtp/rtcp/report_block.hpp"

namespace parley::rtp {

struct ReceiverReport {
  Ssrc sender;
  ReportBlocks blocks;
  bool operator==(const ReceiverReport&) const = default;
};

std::optional<ReceiverReport> parse_receiver_report(std::uint8_t count, Bytes body);
/// At most maximum_report_blocks are written.
void write(const ReceiverReport& report, Writer& out);

}  // namespace parley::rtp
