#pragma once
// The wish of the operator that we end (Ctrl-C, or a service manager), as a descriptor that becomes readable.

#include "sfu/net/file_descriptor.hpp"

namespace parley::net {

class StopSignals {
 public:
  enum class Interrupt { stops, ignored };

  /// SIGTERM, and SIGINT unless it is ignored, are from now on only seen here; SIGPIPE nowhere. A worker ignores SIGINT:
  /// Ctrl-C reaches every process of the terminal, and it is the front that ends its workers, after it told the clients.
  explicit StopSignals(Interrupt interrupt);

  int descriptor() const { return descriptor_.get(); }
  /// Reads what made the descriptor readable. True when there was a signal.
  bool take();

 private:
  FileDescriptor descriptor_;
};

/// Lets the process have as many descriptors as the system allows it.
void raise_descriptor_limit();

}  // namespace parley::net
