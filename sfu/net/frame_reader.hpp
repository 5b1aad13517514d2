#pragma once
// Cuts a TCP stream into the frames of RFC 4571: two bytes of length, big-endian, and then a datagram. A read may bring
// half of a frame or many of them. Pure: it sees bytes and no socket.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/bytes.hpp"

namespace parley::net {

class FrameReader {
 public:
  /// Frames of more than `largest` bytes are refused: no datagram of ours is that large, and nobody fills our memory.
  explicit FrameReader(std::size_t largest);

  /// Where the next read may put bytes; never empty as long as every frame has been taken. Frames taken before are
  /// overwritten.
  MutableBytes space();
  /// The read has put `size` bytes at the front of space().
  void filled(std::size_t size) { end_ += size; }
  /// The next whole frame, valid until space(); nothing when the rest has not come yet. Empty frames are skipped.
  std::optional<MutableBytes> next();
  /// A frame announced itself as too large. What follows it cannot be found any more: close the connection.
  bool broken() const { return broken_; }

 private:
  std::size_t largest_;
  Buffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool broken_ = false;
};

}  // namespace parley::net
