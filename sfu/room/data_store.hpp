#pragma once
// The messages of a room that wait for their receivers: each is stored once, however many wait for it, and is gone when the last
// of them has it. The store is the only owner of their bytes, and its capacity the only bound on them that nobody can talk
// around.
//
// Its capacity is shared as switches share their memory among ports (Choudhury and Hahne, "Dynamic queue length thresholds for
// shared-memory packet switches", 1998): each sender may have a fixed part of what is still free. Whoever fills its part of it is
// in nobody's way, and there is no list of senders to divide anything by.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/transport/data_channel.hpp"

namespace parley::room {

/// The channel that a message came on. `opening` tells it from an earlier one with the same id.
struct DataSource {
  ParticipantId sender;
  transport::ChannelId channel;
  std::uint64_t opening = 0;
};

/// Names a message in the store, for as long as somebody holds it.
struct DataHandle {
  std::uint32_t index = 0;
};

class DataStore {
 public:
  /// What it costs to keep a message, beside its bytes: a million empty ones are not free.
  static constexpr std::size_t overhead = 64;

  /// For each byte of one sender's so many remain free. One sender alone fills a quarter, four together two thirds, so that there
  /// is something for one more; and a quarter is far more than a page needs, which sends a few files at once.
  static constexpr std::size_t free_for_one = 3;

  /// `capacity`: the sum of the costs.
  explicit DataStore(std::size_t capacity) : capacity_(capacity) {}

  /// For one more message of the sender's. What it has sent counts until it is released, even when the sender has gone.
  bool has_room(ParticipantId sender, std::size_t size) const;
  bool empty() const { return held_ == 0; }
  std::size_t cost() const { return cost_; }

  /// `received`: how many bytes it had when it came. Held once, by the caller.
  DataHandle add(const DataSource& source, std::size_t received, Buffer message);
  void hold(DataHandle handle) { ++message(handle).holders; }
  /// One holder fewer. After the last one: where the message came from, and how many bytes that were.
  struct Released {
    DataSource source;
    std::size_t received = 0;
  };
  std::optional<Released> release(DataHandle handle);

  Bytes bytes(DataHandle handle) const { return messages_[handle.index].bytes; }
  std::size_t cost(DataHandle handle) const { return messages_[handle.index].bytes.size() + overhead; }

 private:
  struct Message {
    Buffer bytes;
    DataSource source;
    std::size_t received = 0;
    std::uint32_t holders = 0;
  };
  Message& message(DataHandle handle);

  std::size_t capacity_;
  std::size_t cost_ = 0;
  std::size_t held_ = 0;
  std::map<ParticipantId, std::size_t> cost_by_sender_;  ///< of those who have something here
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_;
};

}  // namespace parley::room
