//  0                   1                   2                   3
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  | Message Type  | Channel Type  |           Priority            |   RFC 8832 section 5.1, DATA_CHANNEL_OPEN
//  |                     Reliability Parameter                     |
//  |         Label Length          |        Protocol Length        |
//  |                       Label, then Protocol                    |

#include "sfu/transport/dcep.hpp"

namespace parley::transport {

namespace {

constexpr std::uint8_t ack_type = 0x02;
constexpr std::uint8_t open_type = 0x03;
constexpr std::uint8_t unordered = 0x80;  ///< in the channel type
constexpr std::uint16_t normal_priority = 256;
constexpr std::size_t open_header = 12;

}  // namespace

std::optional<DcepMessage> parse_dcep(Bytes message) {
  Reader reader(message);
  const std::uint8_t type = reader.u8();
  // RFC 8832 section 5.2: an ACK is its type and nothing more; what follows in spite of that is of no consequence.
  if (reader.ok() && type == ack_type) return DcepAck{};
  if (type != open_type) return std::nullopt;
  const std::uint8_t channel_type = reader.u8();
  reader.skip(2);  // priority
  const std::uint32_t limit = reader.u32();
  const std::size_t label_size = reader.u16();
  const std::size_t protocol_size = reader.u16();
  const Bytes label = reader.take(label_size);
  const Bytes protocol = reader.take(protocol_size);
  const auto kind = static_cast<std::uint8_t>(channel_type & ~unordered);
  if (!reader.ok() || kind > static_cast<std::uint8_t>(Reliability::Kind::lifetime)) return std::nullopt;
  if (label_size + protocol_size > maximum_channel_names) return std::nullopt;
  const Reliability reliability{static_cast<Reliability::Kind>(kind), (channel_type & unordered) == 0, kind == 0 ? 0 : limit};
  return DcepOpen{{std::string(as_text(label)), std::string(as_text(protocol)), reliability}};
}

Buffer write_dcep_open(const ChannelDescription& description) {
  const auto& [label, protocol, reliability] = description;
  Buffer message(open_header + label.size() + protocol.size());
  const auto kind = static_cast<std::uint8_t>(reliability.kind);
  Writer(message)
      .u8(open_type)
      .u8(reliability.ordered ? kind : static_cast<std::uint8_t>(kind | unordered))
      .u16(normal_priority)
      .u32(reliability.limit)
      .u16(static_cast<std::uint16_t>(label.size()))
      .u16(static_cast<std::uint16_t>(protocol.size()))
      .bytes(as_bytes(label))
      .bytes(as_bytes(protocol));
  return message;
}

Buffer write_dcep_ack() { return {ack_type}; }

}  // namespace parley::transport
