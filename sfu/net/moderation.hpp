#pragma once
// When a busy loop looks at its sockets again: not for each datagram, but a millisecond after its last look, for all that
// have come meanwhile, as network cards moderate their interrupts. To fall asleep and to be woken costs as much as to forward
// several datagrams, and those that are found together leave together. A loop with little to do waits for nothing.

#include <cstdint>

#include "sfu/base/time.hpp"

namespace parley::net {

class Moderation {
 public:
  /// The longest that anything waits. Nobody hears or sees it: jitter buffers count in steps ten times as long. Half of it costs
  /// a fifth more for each packet where a virtual machine takes 20 to 30 µs to fall asleep and wake up.
  static constexpr Duration interval = milliseconds(1);
  /// From so many runs of datagrams in an interval on a loop is busy. Each would wake it; and a sleep that a timer ends costs
  /// about as much as being woken two times by something that comes.
  static constexpr std::int64_t busy = 6;
  /// Over which that is judged.
  static constexpr Duration window = 8 * interval;

  /// A look at the sockets, begun at `now`, has brought so many runs (datagrams that come and leave together), and `all` there
  /// were.
  void looked(Time now, std::uint64_t runs, bool all);
  /// How long to leave the sockets alone from `now` on.
  Duration rest(Time now) const;

 private:
  Time last_{};
  bool left_some_ = false;
  bool busy_ = false;
  Time window_begin_{};
  std::int64_t runs_ = 0;
};

}  // namespace parley::net
