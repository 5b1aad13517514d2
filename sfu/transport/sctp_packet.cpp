#include "sfu/transport/sctp_packet.hpp"

#include <algorithm>
#include <optional>

namespace parley::transport {

namespace {

enum class Chunk : std::uint8_t {
  data = 0,
  init = 1,
  init_ack = 2,
  sack = 3,
  heartbeat = 4,
  heartbeat_ack = 5,
  abort = 6,
  shutdown = 7,
  shutdown_ack = 8,
  error = 9,
  cookie_echo = 10,
  cookie_ack = 11,
  shutdown_complete = 14,
  reconfig = 130,     ///< RFC 6525
  forward_tsn = 192,  ///< RFC 3758
};

constexpr std::size_t common_header = 12;
constexpr std::size_t tlv_header = 4;
/// Of INIT and INIT ACK, before their parameters: tag, window, numbers of streams, TSN.
constexpr std::size_t init_fields = 16;

/// The value of what comes next, chunk or parameter, whose length includes its header but not its padding to four bytes.
struct Tlv {
  std::uint16_t type = 0;
  Bytes value;
};
std::optional<Tlv> take_tlv(Reader& reader) {
  Tlv tlv;
  tlv.type = reader.u16();
  const std::size_t length = reader.u16();
  if (!reader.ok() || length < tlv_header) return std::nullopt;
  tlv.value = reader.take(length - tlv_header);
  if (!reader.ok()) return std::nullopt;
  reader.skip(std::min((4 - length % 4) % 4, reader.remaining()));
  return tlv;
}

bool has_whole_parameters(Bytes bytes) {
  Reader reader(bytes);
  while (reader.remaining() > 0)
    if (!take_tlv(reader)) return false;
  return true;
}

bool is_sound(Chunk type, Bytes value, bool established) {
  switch (type) {
    case Chunk::init:
    case Chunk::init_ack:
      return !established && value.size() >= init_fields && has_whole_parameters(value.subspan(init_fields));
    case Chunk::heartbeat:
    case Chunk::heartbeat_ack:
    case Chunk::abort:
    case Chunk::error:
    case Chunk::reconfig:
      return has_whole_parameters(value);
    case Chunk::data:
    case Chunk::sack:
    case Chunk::shutdown:
    case Chunk::shutdown_ack:
    case Chunk::cookie_echo:
    case Chunk::cookie_ack:
    case Chunk::shutdown_complete:
    case Chunk::forward_tsn:
      return true;
  }
  return false;
}

}  // namespace

bool is_sound_sctp(Bytes packet, bool established) {
  if (packet.size() < common_header + tlv_header) return false;
  Reader reader(packet.subspan(common_header));
  while (reader.remaining() > 0) {
    const auto chunk = take_tlv(reader);
    // A chunk has flags where a parameter has the lower half of its type.
    if (!chunk || !is_sound(static_cast<Chunk>(chunk->type >> 8), chunk->value, established)) return false;
  }
  return true;
}

}  // namespace parley::transport
