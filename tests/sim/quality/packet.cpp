#include "tests/sim/quality/packet.hpp"

#include <algorithm>

namespace parley::quality {

namespace {

constexpr std::size_t header = 1 + 1 + 8 + 8 + 2;

}  // namespace

Buffer write(const Packet& packet) {
  Buffer datagram(std::max(packet.bytes, header + packet.body.size()));
  Writer writer(datagram);
  writer.u8(packet.flow).u8(static_cast<std::uint8_t>(packet.kind)).u64(packet.number);
  writer.u64(static_cast<std::uint64_t>(packet.sent.time_since_epoch().count()));
  writer.u16(static_cast<std::uint16_t>(packet.body.size())).bytes(packet.body);
  return datagram;
}

Packet parse(Bytes datagram) {
  Reader reader(datagram);
  Packet packet;
  packet.flow = reader.u8();
  packet.kind = static_cast<Kind>(reader.u8());
  packet.number = reader.u64();
  packet.sent = Time(Duration(static_cast<std::int64_t>(reader.u64())));
  packet.bytes = datagram.size();
  const Bytes body = reader.take(reader.u16());
  packet.body.assign(body.begin(), body.end());
  return packet;
}

}  // namespace parley::quality
