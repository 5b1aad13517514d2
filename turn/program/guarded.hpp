#pragma once
// A value that two threads look at, one at a time. The relay's workers are threads, because they count quotas together, and this
// is the only lock: for orders, streams that change hands, fast paths and reports, never for a packet.

#include <mutex>

namespace parley::turn {

template <typename Value>
class Guarded {
 public:
  /// Calls `function` with the value while nobody else has it, and returns what it returns.
  template <typename Function>
  auto use(Function function) {
    const std::lock_guard lock(mutex_);
    return function(value_);
  }
  template <typename Function>
  auto use(Function function) const {
    const std::lock_guard lock(mutex_);
    return function(value_);
  }

 private:
  mutable std::mutex mutex_;
  Value value_{};
};

}  // namespace parley::turn
