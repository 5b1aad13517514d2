#pragma once
// A reception report block (RFC 3550 section 6.4.1), the part that sender and receiver reports have in common.

#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/inline_vector.hpp"
#include "sfu/base/time.hpp"

namespace parley::rtp {

struct ReportBlock {
  Ssrc source;                           ///< whose reception is reported
  std::uint8_t fraction_lost = 0;        ///< of 256, since the previous report
  std::int32_t lost = 0;                 ///< since the beginning; 24 bits signed on the wire, saturating
  std::uint32_t highest_sequence = 0;    ///< extended: cycles in the upper half
  std::uint32_t jitter = 0;              ///< timestamp units
  std::uint32_t last_sender_report = 0;  ///< LSR: the middle 32 bits of its NTP time; 0: none yet
  std::uint32_t delay_since_report = 0;  ///< DLSR in 1/65536 s
  bool operator==(const ReportBlock&) const = default;
};

/// Sound, picture and the streams that repair them.
using ReportBlocks = InlineVector<ReportBlock, 4>;

/// RFC 3550 allows 31 in one report: the count has five bits.
inline constexpr std::size_t maximum_report_blocks = 31;

/// Nothing when fewer than `count` blocks are there.
std::optional<ReportBlocks> parse_report_blocks(std::uint8_t count, Reader& reader);
void write(const ReportBlock& block, Writer& out);

}  // namespace parley::rtp
