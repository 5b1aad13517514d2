#pragma once
// Cuts a TCP or TLS stream into STUN messages and channel data (RFC 8656 sections 2.1 and 12.5): both carry their own length, and
// on a stream channel data is padded to four bytes. Pure: it sees bytes and no socket.

#include <cstddef>
#include <optional>

#include "sfu/base/bytes.hpp"

namespace parley::turn {

class StreamReader {
 public:
  /// Header included. No datagram on the Internet's links is larger than 9 kB (jumbo frames), and nobody fills our memory.
  static constexpr std::size_t largest_message = 9216;

  /// Where the next read may put bytes; never empty as long as every message has been taken. Messages taken before are
  /// overwritten.
  MutableBytes space();
  /// The read has put `size` bytes at the front of space().
  void filled(std::size_t size) { end_ += size; }
  /// The next whole message without its padding, valid until space(); nothing when the rest has not come yet.
  std::optional<Bytes> next();
  /// What stands here can't be TURN, or is too large. What follows can't be found any more: close the connection.
  bool broken() const { return broken_; }
  /// Everything not taken yet: after JoinStreams it is the first data.
  Bytes rest() const { return Bytes(buffer_).subspan(begin_, end_ - begin_); }

 private:
  Buffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool broken_ = false;
};

}  // namespace parley::turn
