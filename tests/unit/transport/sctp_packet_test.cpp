#include "sfu/transport/sctp_packet.hpp"

#include <catch2/catch.hpp>

#include "sfu/transport/crc32c.hpp"
#include "tests/support/channel_pair.hpp"

namespace parley::transport {

namespace {

/// A packet to port 5000 with one chunk of this type.
Buffer packet_of(std::uint8_t chunk_type, Bytes value) {
  Buffer packet(16 + value.size());
  Writer writer(packet);
  writer.u16(5000).u16(5000).u32(0).u32(0).u8(chunk_type).u8(0).u16(static_cast<std::uint16_t>(4 + value.size())).bytes(value);
  write_sctp_checksum(packet);
  return packet;
}

Buffer init_with_parameter(std::uint16_t type, std::uint16_t length) {
  Buffer value(20);
  Writer(value).u32(0x12345678).u32(100000).u16(10).u16(10).u32(1).u16(type).u16(length);
  return packet_of(1, value);
}

}  // namespace

TEST_CASE("All that two ends say to each other is sound") {
  test::ChannelPair pair(3);
  std::size_t shown = 0;
  pair.tap = [&](Bytes packet, bool) {
    ++shown;
    CHECK(is_sound_sctp(packet, false));
    for (std::size_t size = 0; size < std::min<std::size_t>(packet.size(), 16); ++size)
      CHECK_FALSE(is_sound_sctp(packet.first(size), false));
  };
  pair.connect();
  const auto id = pair.open({"lossy", "", {Reliability::Kind::retransmissions, false, 0}});
  pair.link.loss = 0.4;
  for (int i = 0; i < 30; ++i) pair.client.channels.send(pair.now, id, MessageKind::binary, Buffer(3000, 1));
  pair.run(seconds(10));
  pair.client.channels.close(pair.now, id);
  pair.run(seconds(10));
  CHECK(shown > 100);
}

TEST_CASE("Parameters that are cut off or have no length are not sound") {
  CHECK(is_sound_sctp(init_with_parameter(0xC000, 4), false));
  for (const std::uint16_t length : std::vector<std::uint16_t>{0, 1, 3, 5, 0xFFFF})
    CHECK_FALSE(is_sound_sctp(init_with_parameter(0xC000, length), false));
  for (const std::uint8_t chunk : Buffer{4, 6, 9, 130}) CHECK_FALSE(is_sound_sctp(packet_of(chunk, Buffer{0, 1, 0, 0}), true));
}

TEST_CASE("A chunk that is longer than the packet, or of a type that no browser sends, is not sound") {
  Buffer packet = packet_of(0, Buffer(20));
  CHECK(is_sound_sctp(packet, true));
  packet[15] = 200;
  CHECK_FALSE(is_sound_sctp(packet, true));
  for (const std::uint8_t chunk : Buffer{15, 64, 128, 129, 193, 194, 255}) CHECK_FALSE(is_sound_sctp(packet_of(chunk, {}), true));
}

TEST_CASE("An INIT goes on only before the association is established") {
  CHECK(is_sound_sctp(init_with_parameter(0xC000, 4), false));
  CHECK_FALSE(is_sound_sctp(init_with_parameter(0xC000, 4), true));
}

TEST_CASE("An INIT whose parameter has no length comes back from the association, and is counted") {
  test::ChannelPair pair;
  pair.server.channels.connect(pair.now);
  pair.server.channels.receive(pair.now, init_with_parameter(0xC000, 0), pair.server.drops);
  CHECK(pair.server.drops[DropReason::sctp_malformed] == 1);
  pair.connect();
  pair.server.channels.receive(pair.now, init_with_parameter(0xC000, 4), pair.server.drops);
  CHECK(pair.server.drops[DropReason::sctp_malformed] == 2);
  CHECK(pair.server.ready);
}

}  // namespace parley::transport
