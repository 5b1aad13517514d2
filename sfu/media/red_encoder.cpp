#include "sfu/media/red_encoder.hpp"

namespace parley::media {
namespace {

constexpr Timestamp farthest_offset = (1 << 14) - 1;
/// Leaves room for all headers below it in an MTU of 1280, the least that IPv6 has.
constexpr std::size_t largest_payload = 1150;

/// Without the cache's padding.
Bytes content(const MediaPacket& packet) { return packet.payload.first(packet.payload.size() - packet.padding); }

bool fits(const MediaPacket& packet, const MediaPacket& previous) {
  const Timestamp offset = packet.timestamp - previous.timestamp;
  return previous.payload_type == packet.payload_type && offset > 0 && offset <= farthest_offset &&
         content(previous).size() <= RedPrefix::longest_block &&
         RedPrefix::headers + content(previous).size() + packet.payload.size() <= largest_payload;
}

}  // namespace

void encode_red(const MediaPacket& packet, const MediaPacket* previous, PayloadType block_type, RedPrefix& out) {
  Writer writer(out.buffer);
  if (previous && fits(packet, *previous)) {
    const auto offset = static_cast<std::uint32_t>(packet.timestamp - previous->timestamp);
    writer.u8(0x80 | block_type.value).u24(offset << 10 | static_cast<std::uint32_t>(content(*previous).size()));
    writer.u8(block_type.value).bytes(content(*previous));
  } else {
    writer.u8(block_type.value);
  }
  out.size = writer.size();
}

}  // namespace parley::media
