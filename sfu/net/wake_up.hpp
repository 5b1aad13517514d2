#pragma once
// Wakes a thread that waits in a Poller: a descriptor that becomes readable when another thread calls.

#include "sfu/net/file_descriptor.hpp"

namespace parley::net {

class WakeUp {
 public:
  /// Throws SystemError.
  WakeUp();
  /// From any thread.
  void call() const;
  /// The waiting thread has understood.
  void take() const;
  int descriptor() const { return descriptor_.get(); }

 private:
  FileDescriptor descriptor_;
};

}  // namespace parley::net
