#include "sfu/rtp/rtcp/receiver_report.hpp"

#include <algorithm>

#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {

std::optional<ReceiverReport> parse_receiver_report(std::uint8_t count, Bytes body) {
  Reader reader(body);
  ReceiverReport report;
  report.sender = {reader.u32()};
  if (!reader.ok()) return {};
  auto blocks = parse_report_blocks(count, reader);
  if (!blocks) return {};
  report.blocks = std::move(*blocks);
  return report;
}

void write(const ReceiverReport& report, Writer& out) {
  const std::size_t count = std::min(report.blocks.size(), maximum_report_blocks);
  const std::size_t begin = begin_rtcp(RtcpType::receiver_report, static_cast<std::uint8_t>(count), out);
  out.u32(report.sender.value);
  for (std::size_t i = 0; i < count; ++i) write(report.blocks[i], out);
  finish_rtcp(begin, out);
}

}  // namespace parley::rtp
