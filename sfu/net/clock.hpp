#pragma once
// The only clock in Parley. A driver reads it once for each batch of input and hands the value down.

#include "sfu/base/time.hpp"

namespace parley::net {

class Clock {
 public:
  /// Reads the wall clock; it is never read again, so that a step of it (NTP, an administrator) disturbs nobody.
  Clock();
  Time now() const;

 private:
  Duration epoch_;
};

}  // namespace parley::net
