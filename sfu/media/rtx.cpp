#include "sfu/media/rtx.hpp"

#include <algorithm>
#include <cassert>

namespace parley::media {

std::optional<rtp::PacketView> unwrap_rtx(const rtp::PacketView& rtx, Ssrc original, PayloadType original_type) {
  Reader reader(rtx.payload);
  rtp::PacketView packet = rtx;
  packet.sequence = reader.u16();
  if (!reader.ok()) return {};
  packet.payload = reader.rest();
  packet.ssrc = original;
  packet.payload_type = original_type;
  return packet;
}

rtp::PayloadEdit prepend_original_sequence(std::uint16_t original, const rtp::PayloadEdit& edit) {
  assert(edit.prefix_size + sizeof(original) <= rtp::PayloadEdit::capacity);
  rtp::PayloadEdit result;
  Writer(result.prefix_bytes).u16(original).bytes(edit.prefix());
  result.prefix_size = static_cast<std::uint8_t>(edit.prefix_size + sizeof(original));
  result.skip = edit.skip;
  return result;
}

Sequence first_outgoing_sequence(Random& random) { return static_cast<Sequence>(random.below(1 << 15)); }

}  // namespace parley::media
