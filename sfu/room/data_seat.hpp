#pragma once
// What the relay knows of one participant: the channels that it has with it, and what waits for it in each topic. Plain values;
// DataRelay is the only one that changes them.

#include <cstdint>
#include <map>
#include <optional>

#include "sfu/base/fifo.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/room/data_envelope.hpp"
#include "sfu/room/data_store.hpp"
#include "sfu/transport/data_channel.hpp"

namespace parley::room {

/// Names a topic of the room, as long as there is one; never given again.
struct TopicNumber {
  std::uint32_t value = 0;
  auto operator<=>(const TopicNumber&) const = default;
};

/// Who may do what with data.
struct DataPermissions {
  bool publish = true;
  bool hidden = false;  ///< receives what is for everybody, and cannot be named or send anything
};

struct DataChannel {
  TopicNumber topic;
  std::uint64_t opening = 0;
  /// The client uses it to send: it may, and has opened it, or has sent on one of ours. A topic lives as long as somebody does.
  bool claimed = false;

  std::uint64_t received = 0;  ///< bytes of whole messages
  std::uint64_t settled = 0;   ///< of those, what has been handed to all its receivers, or had none
  std::uint64_t promised = 0;  ///< the credit that was told last

  /// To be told on this channel.
  Fifo<DataNotice> notices;
  bool credit_due = false;
  bool queued = false;  ///< among the seat's `telling`
};

/// Whether a receiver gets what is said in a topic.
enum class Reading : std::uint8_t {
  on,
  left,      ///< reads nothing until it joins again
  returning  ///< has joined again, and waits for its connection to catch up
};

/// What waits for one receiver in one topic.
struct DataOutlet {
  std::optional<transport::ChannelId> channel;
  Fifo<DataHandle> backlog;
  std::size_t cost = 0;  ///< of the backlog
  Reading reading = Reading::on;
  std::optional<std::uint32_t> to_tell;  ///< that it has left, and how many messages were dropped
  bool queued = false;                   ///< among the seat's `turns`
};

struct DataSeat {
  DataPermissions permissions;
  bool connected = false;
  std::map<transport::ChannelId, DataChannel> channels;
  std::map<TopicNumber, DataOutlet> outlets;
  Fifo<transport::ChannelId> closing;
  Fifo<transport::ChannelId> telling;  ///< channels with something to tell
  Fifo<TopicNumber> turns;             ///< topics with something to send, whose turn it is first
  std::uint64_t addressed = 0;         ///< the number of the last message that was found to be for it
  bool active = false;                 ///< among the relay's `active`
};

}  // namespace parley::room
