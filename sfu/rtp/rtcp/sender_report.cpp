#include "sfu/rtp/rtcp/sender_report.hpp"

#include <algorithm>

#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {

std::optional<SenderReport> parse_sender_report(std::uint8_t count, Bytes body) {
  Reader reader(body);
  SenderReport report;
  report.sender = {reader.u32()};
  report.ntp = reader.u64();
  report.timestamp = reader.u32();
  report.packets = reader.u32();
  report.octets = reader.u32();
  if (!reader.ok()) return {};
  auto blocks = parse_report_blocks(count, reader);
  if (!blocks) return {};
  report.blocks = std::move(*blocks);
  return report;
}

void write(const SenderReport& report, Writer& out) {
  const std::size_t count = std::min(report.blocks.size(), maximum_report_blocks);
  const std::size_t begin = begin_rtcp(RtcpType::sender_report, static_cast<std::uint8_t>(count), out);
  out.u32(report.sender.value).u64(report.ntp).u32(report.timestamp).u32(report.packets).u32(report.octets);
  for (std::size_t i = 0; i < count; ++i) write(report.blocks[i], out);
  finish_rtcp(begin, out);
}

}  // namespace parley::rtp
