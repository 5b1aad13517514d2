#pragma once
// A topic: what a data channel of Parley is about, and what happens to whoever reads too slowly. The channel's label is the name,
// its protocol the mode (signaling/PROTOCOL.md, "Data").

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sfu/transport/data_channel.hpp"

namespace parley::room {

enum class DataMode : std::uint8_t {
  all,    ///< reliable and ordered; a reader whose backlog is full leaves the topic. "parley.1/all"
  wait,   ///< reliable and ordered; the sender waits for the slowest reader, by credit. "parley.1/wait"
  lossy,  ///< unordered, never sent again; a reader that is too slow loses the oldest. "parley.1/lossy"
};

struct DataTopic {
  /// As many bytes of UTF-8 as are enough for a name that a programmer gives.
  static constexpr std::size_t longest_name = 64;

  std::string name;
  DataMode mode = DataMode::all;
  auto operator<=>(const DataTopic&) const = default;
};

/// Nothing: another protocol, or a label that is empty, too long, or not UTF-8.
std::optional<DataTopic> parse_data_topic(const transport::ChannelDescription& description);

/// Of a channel that carries the topic.
transport::ChannelDescription describe(const DataTopic& topic);

}  // namespace parley::room
