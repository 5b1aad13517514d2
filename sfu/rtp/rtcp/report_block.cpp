#include "sfu/rtp/rtcp/report_block.hpp"

#include <algorithm>

namespace parley::rtp {

std::optional<ReportBlocks> parse_report_blocks(std::uint8_t count, Reader& reader) {
  constexpr std::size_t block_size = 24;
  if (reader.remaining() < count * block_size) return {};
  ReportBlocks blocks;
  blocks.resize(count);
  for (ReportBlock& block : blocks) {
    block.source = {reader.u32()};
    block.fraction_lost = reader.u8();
    const std::uint32_t lost = reader.u24();
    block.lost = static_cast<std::int32_t>(lost) - (lost & 0x800000 ? 0x1000000 : 0);
    block.highest_sequence = reader.u32();
    block.jitter = reader.u32();
    block.last_sender_report = reader.u32();
    block.delay_since_report = reader.u32();
  }
  return blocks;
}

void write(const ReportBlock& block, Writer& out) {
  const std::int32_t lost = std::clamp(block.lost, -0x800000, 0x7FFFFF);
  out.u32(block.source.value).u8(block.fraction_lost).u24(static_cast<std::uint32_t>(lost) & 0xFFFFFF);
  out.u32(block.highest_sequence).u32(block.jitter).u32(block.last_sender_report).u32(block.delay_since_report);
}

}  // namespace parley::rtp
