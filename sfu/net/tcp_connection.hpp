#pragma once
// One TCP connection of a browser that cannot use UDP: RFC 4571 frames both ways (RFC 6544 section 3).

#include <vector>

#include "sfu/base/drop_reason.hpp"
#include "sfu/base/time.hpp"
#include "sfu/net/datagram.hpp"
#include "sfu/net/frame_reader.hpp"
#include "sfu/net/tcp_listener.hpp"

namespace parley::net {

class TcpConnection {
 public:
  /// A second of 2 Mbit/s. What waits longer is too old to be of use, so the newest frames are dropped instead.
  static constexpr std::size_t output_limit = 256 << 10;

  TcpConnection(Time now, AcceptedConnection accepted);

  /// Reads once, and appends the whole frames to `out`; they stay valid until the next call. False: the connection is at
  /// its end (closed by the other side, broken, or not ours); frames of the same read are still good.
  bool receive(Time now, std::vector<Datagram>& out, Drops& drops);
  /// Queues one frame, whole or not at all: half a frame would make the rest of the stream unreadable.
  void push(Bytes frame, Drops& drops);
  /// Writes as much as the kernel takes. False: the connection is at its end.
  bool flush();

  const Path& path() const { return path_; }
  int descriptor() const { return descriptor_.get(); }
  /// Something is queued that the kernel has not taken yet.
  bool wants_output() const { return sent_ < output_.size(); }
  /// When it is to be closed unless something arrives before.
  Time expiry() const { return expiry_; }

 private:
  FileDescriptor descriptor_;
  Path path_;
  FrameReader reader_;
  Buffer output_;
  std::size_t sent_ = 0;
  bool proven_ = false;  ///< the first frame was a STUN message
  Time expiry_;
};

}  // namespace parley::net
