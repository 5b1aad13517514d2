#pragma once
// The one shape of everything in Parley that has state.
//
//   receive(now, input..., out)   the only door for facts from outside
//   advance(now, out)             time has passed; nothing happens before wakeup()
//   wakeup() -> Time              when it next wants advance(), or `never`
//
// A machine has no clock, no socket, no thread and no callback. A driver owns those: net::EventLoop with real sockets
// and the real clock, or sim::World with simulated links and a virtual clock. The same machine runs, unmodified, in both.

#include <concepts>

#include "sfu/base/time.hpp"

namespace parley {

template <typename M, typename Out>
concept Machine = requires(M machine, const M& unchanged, Time now, Out& out) {
  machine.advance(now, out);
  { unchanged.wakeup() } -> std::same_as<Time>;
};

}  // namespace parley
