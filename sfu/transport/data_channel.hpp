#pragma once
// What a data channel is (RFC 8831), as values: its name and reliability, what is sent on it, and what happens to it. The
// machine behind them is data_channels.hpp; Transport composes that with DTLS and ICE.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "sfu/base/bytes.hpp"

namespace parley::transport {

/// Names a channel within its connection: the SCTP stream of both directions. The DTLS client opens even ones, the server odd
/// ones (RFC 8832 section 6). The number of a closed channel may come again.
struct ChannelId {
  std::uint16_t value = 0;
  auto operator<=>(const ChannelId&) const = default;
};

/// RFC 8832 section 5.1, Channel Type.
struct Reliability {
  enum class Kind : std::uint8_t { reliable, retransmissions, lifetime };
  Kind kind = Kind::reliable;
  bool ordered = true;
  std::uint32_t limit = 0;  ///< how many retransmissions, or for how many milliseconds, a message is worth the trouble
  bool operator==(const Reliability&) const = default;
};

struct ChannelDescription {
  std::string label;
  std::string protocol;
  Reliability reliability;
  bool operator==(const ChannelDescription&) const = default;
};

/// RFC 8831 section 8: what a browser's page gets, a string or an ArrayBuffer.
enum class MessageKind : std::uint8_t { text, binary };

/// Channels can be opened from now on. Comes once for each association.
struct ChannelsReady {};
/// The peer has opened a channel. One that we open can be sent on at once, and gives no such event.
struct ChannelOpened {
  ChannelId channel;
  ChannelDescription description;
};
/// A whole message, at most maximum_message bytes. It may be empty.
struct ChannelMessage {
  ChannelId channel;
  MessageKind kind = MessageKind::binary;
  Buffer content;
};
/// The peer has closed the channel, or broken its rules on it: nothing can be sent on it any more, and its id may come again. One
/// that close_channel() has closed gives no such event.
struct ChannelClosed {
  ChannelId channel;
};
/// A message was refused as Sent::later, and now there is room again.
struct ChannelsWritable {};
/// The association has ended, and every channel with it, without an event for each. No other one follows on this connection.
struct ChannelsLost {};

using ChannelEvent = std::variant<ChannelsReady, ChannelOpened, ChannelMessage, ChannelClosed, ChannelsWritable, ChannelsLost>;

/// What became of a message that was to be sent.
enum class Sent : std::uint8_t {
  accepted,
  later,   ///< none of it was taken: too much waits already. ChannelsWritable will come
  refused  ///< never on this channel: it is closed, or the message is larger than the peer or RFC 8831 allows
};

/// What the descriptions say about SCTP (RFC 8841).
struct SctpParameters {
  std::uint16_t local_port = 5000;
  std::uint16_t remote_port = 5000;
  std::size_t remote_maximum_message = 65536;  ///< a=max-message-size; 0 (no limit) is left to the caller to translate
};

/// The largest message that is taken from anybody, and what our descriptions announce: what Chromium announces and sends.
inline constexpr std::size_t maximum_message = 262144;
/// Channels of one connection, those that are being closed included. A page has a handful of topics in up to three modes; the
/// SCTP streams of each cost memory whether they are used or not.
inline constexpr std::size_t maximum_channels = 64;

}  // namespace parley::transport
