#pragma once
// Where the machines of the media plane put what is to leave. The driver (net or sim) empties it after each turn.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/drop_reason.hpp"

namespace parley {

/// A sender's way to one destination. Whoever sends there often keeps one of these, so that its datagrams find each other in a
/// DatagramBatch without a search: the kernel takes several datagrams for one destination in a single call (UDP_SEGMENT).
class Flow {
 public:
  Flow() = default;
  explicit Flow(const Path& path) : path_(path) {}
  const Path& path() const { return path_; }

 private:
  friend class DatagramBatch;
  Path path_;
  std::uint32_t newest_ = 0;  ///< where its newest datagram was in the batch that it was committed to
};

/// Datagrams on their way out. Slots are kept and used again, so that after warm-up nothing is allocated.
class DatagramBatch {
 public:
  /// Larger than any datagram that Parley makes: path MTU 1500 with room for an SRTP trailer while it is built.
  static constexpr std::size_t slot_size = 2048;
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  struct Entry {
    Path path;
    std::size_t size = 0;
    std::unique_ptr<std::array<std::uint8_t, slot_size>> slot;
    bool first_of_flow = true;
    std::uint32_t next_of_flow = none;  ///< index of the flow's next datagram in this batch
    Bytes bytes() const { return Bytes(*slot).first(size); }
  };

  /// A free slot of slot_size bytes. It becomes part of the batch when commit() says how many bytes were used;
  /// without a commit the next reserve() gives the same slot again.
  MutableBytes reserve() {
    if (used_ == entries_.size()) entries_.push_back({{}, 0, std::make_unique<std::array<std::uint8_t, slot_size>>()});
    return *entries_[used_].slot;
  }
  void commit(const Path& path, std::size_t size) {
    Entry& entry = entries_[used_++];
    entry.path = path;
    entry.size = size;
    entry.first_of_flow = true;
    entry.next_of_flow = none;
  }
  /// The same, behind what this flow has in the batch already.
  void commit(Flow& flow, std::size_t size) {
    const auto index = static_cast<std::uint32_t>(used_);
    // What the flow remembers may be of an earlier turn, or of another batch; then it is no newest datagram to this destination.
    const bool follows =
        flow.newest_ < used_ && entries_[flow.newest_].next_of_flow == none && entries_[flow.newest_].path == flow.path_;
    commit(flow.path_, size);
    entries_[index].first_of_flow = !follows;
    if (follows) entries_[flow.newest_].next_of_flow = index;
    flow.newest_ = index;
  }
  /// Copies a datagram that exists already. One that is larger than a slot is refused: returns false.
  bool add(const Path& path, Bytes bytes) {
    if (bytes.size() > slot_size) return false;
    std::memcpy(reserve().data(), bytes.data(), bytes.size());
    commit(path, bytes.size());
    return true;
  }

  /// In the order in which they were committed.
  std::span<const Entry> entries() const { return std::span(entries_).first(used_); }
  bool empty() const { return used_ == 0; }
  void clear() { used_ = 0; }

 private:
  std::vector<Entry> entries_;
  std::size_t used_ = 0;
};

/// The `out` of everything below the Engine.
struct Outbox {
  DatagramBatch datagrams;
  Drops drops;
};

}  // namespace parley
