#include "sfu/transport/classify.hpp"

namespace parley::transport {

PacketKind classify(Bytes datagram) {
  if (datagram.size() < 2) return PacketKind::unknown;
  const std::uint8_t first = datagram[0];
  if (first <= 3) return PacketKind::stun;
  if (first >= 20 && first <= 63) return PacketKind::dtls;
  if (first >= 64 && first <= 79) return PacketKind::turn_channel;
  if (first < 128 || first > 191) return PacketKind::unknown;
  // RFC 5761 section 4: RTCP packet types 192 to 223 are RTP payload types 64 to 95 with the marker bit, which nobody may use.
  const std::uint8_t second = datagram[1];
  return second >= 192 && second <= 223 ? PacketKind::rtcp : PacketKind::rtp;
}

}  // namespace parley::transport
