#pragma once
// One end of the pipe between the front and a worker (whose messages control/codec.hpp writes) or the relay: texts over a stream
// socket pair, each behind its length as 32 bits, big-endian. It never blocks: one slow process does not stop another.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/net/file_descriptor.hpp"

namespace parley::net {

class Mailbox {
 public:
  /// The largest message: an offer of a large room is about 200 KB.
  static constexpr std::size_t message_limit = 4 << 20;
  /// What may wait for the other side. A process that is this far behind hangs; better to start it again.
  static constexpr std::size_t output_limit = 32 << 20;

  /// Two ends, connected with each other. Throws SystemError.
  static std::pair<Mailbox, Mailbox> pair();
  /// An end that was inherited from the parent process.
  explicit Mailbox(FileDescriptor descriptor);

  /// Appends the messages that have arrived to `out`. False: the other side has gone, or it talks nonsense.
  bool receive(std::vector<std::string>& out);
  /// Queues a message and sends what the kernel takes. False: the other side has gone, or is too far behind.
  bool send(std::string_view message);
  /// Sends what is still queued, as far as the kernel takes it.
  bool flush();
  bool wants_output() const { return sent_ < output_.size(); }
  int descriptor() const { return descriptor_.get(); }
  /// For handing this end down to another process.
  FileDescriptor release() && { return std::move(descriptor_); }

 private:
  bool take_messages(std::vector<std::string>& out);

  FileDescriptor descriptor_;
  Buffer input_;
  Buffer output_;
  std::size_t sent_ = 0;
};

}  // namespace parley::net
