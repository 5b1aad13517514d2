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

/// Datagrams on their way out. Slots are kept and used again, so that after warm-up nothing is allocated.
class DatagramBatch {
 public:
  /// Larger than any datagram that Parley makes: path MTU 1500 with room for an SRTP trailer while it is built.
  static constexpr std::size_t slot_size = 2048;

  struct Entry {
    Path path;
    std::size_t size = 0;
    std::unique_ptr<std::array<std::uint8_t, slot_size>> slot;
    Bytes bytes() const { return Bytes(*slot).first(size); }
  };

  /// A free slot of slot_size bytes. It becomes part of the batch when commit() says how many bytes were used;
  /// without a commit the next reserve() gives the same slot again.
  MutableBytes reserve() {
    if (used_ == entries_.size()) entries_.push_back({{}, 0, std::make_unique<std::array<std::uint8_t, slot_size>>()});
    return *entries_[used_].slot;
  }
  void commit(const Path& path, std::size_t size) {
    entries_[used_].path = path;
    entries_[used_].size = size;
    ++used_;
  }
  /// Copies a datagram that exists already. One that is larger than a slot is refused: returns false.
  bool add(const Path& path, Bytes bytes) {
    if (bytes.size() > slot_size) return false;
    std::memcpy(reserve().data(), bytes.data(), bytes.size());
    commit(path, bytes.size());
    return true;
  }

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
