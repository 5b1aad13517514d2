#pragma once
// The wish of the operator that we end (Ctrl-C, or a service manager), as a descriptor that becomes readable.

#include <cstddef>

#include "sfu/net/file_descriptor.hpp"

namespace parley::net {

class StopSignals {
 public:
  /// From now on SIGINT and SIGTERM are only seen here, and SIGPIPE nowhere.
  StopSignals();

  int descriptor() const { return descriptor_.get(); }
  /// Reads what made the descriptor readable. True when there was a signal.
  bool take();

 private:
  FileDescriptor descriptor_;
};

/// For a worker: Ctrl-C reaches every process of the terminal, but it is the front that ends its workers, once it has
/// told the clients.
void ignore_interrupts();

/// Lets the process have as many descriptors as the system allows it. Returns how many of them are left beside `reserved` ones.
std::size_t raise_descriptor_limit(std::size_t reserved = 0);

}  // namespace parley::net
