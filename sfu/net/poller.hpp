#pragma once
// Waits for many file descriptors at once (epoll). Level-triggered: what was not read is reported again.

#include <cstdint>
#include <span>
#include <vector>

#include "sfu/base/time.hpp"
#include "sfu/net/file_descriptor.hpp"

namespace parley::net {

class Poller {
 public:
  struct Readiness {
    int descriptor = -1;
    bool readable = false;  ///< there is something to read, or the other side has gone: a read tells which
    bool writable = false;
    bool failed = false;  ///< an error waits, such as what a router has said (icmp_error.hpp)
  };

  Poller();
  /// Reports when `descriptor` can be read. Closing a descriptor also removes it.
  void add(int descriptor);
  /// Whether to report, too, when `descriptor` can be written.
  void want_output(int descriptor, bool wanted);
  /// Whether to report when it can be read, and when it can be written. The end of a connection is reported in any case.
  void want(int descriptor, bool input, bool output);
  void remove(int descriptor);
  /// Waits for `patience` at most; negative is forever. Valid until the next wait.
  std::span<const Readiness> wait(Duration patience);
  /// Readable when a wait would not block: for nesting in somebody else's loop.
  int descriptor() const { return descriptor_.get(); }

 private:
  FileDescriptor descriptor_;
  std::vector<Readiness> ready_;
};

}  // namespace parley::net
