#pragma once
// The Data Channel Establishment Protocol (RFC 8832): the two messages by which a channel is opened. Pure.

#include <optional>
#include <variant>

#include "sfu/base/bytes.hpp"
#include "sfu/transport/data_channel.hpp"

namespace parley::transport {

/// DATA_CHANNEL_OPEN. Its priority is read over, and sent as normal (256).
struct DcepOpen {
  ChannelDescription description;
};
/// DATA_CHANNEL_ACK.
struct DcepAck {};
using DcepMessage = std::variant<DcepOpen, DcepAck>;

/// Label and protocol together. Both are names that people or programs gave; RFC 8832 would allow 64 KiB of each.
inline constexpr std::size_t maximum_channel_names = 1000;

/// Nothing: cut off, too long, of an unknown type, or a channel type that RFC 8832 does not know.
std::optional<DcepMessage> parse_dcep(Bytes message);
Buffer write_dcep_open(const ChannelDescription& description);
Buffer write_dcep_ack();

}  // namespace parley::transport
