#pragma once
// The only clock in Parley. A driver reads it once for each batch of input and hands the value down.

#include "sfu/base/time.hpp"

namespace parley::net {

class Clock {
 public:
  /// Reads the wall clock; it is never read again, so that a step of it (NTP, an administrator) disturbs nobody.
  Clock();
  Time now() const;
  /// Lets so much time pass, and 0.1 ms or so more; less when a signal comes.
  void sleep(Duration duration) const;

 private:
  Duration epoch_;
};

}  // namespace parley::net
