#pragma once
// What libwebsockets waits in. Its own loop hands all connections to poll(), each time anew: with 1550 of them, of which one says
// something 700 times a second, that took 40 % of a core. libev uses epoll.

#include <ev.h>

#include "sfu/base/time.hpp"
#include "sfu/net/system_error.hpp"

namespace parley::net {

class WebLoop {
 public:
  WebLoop() : loop_(ev_loop_new(EVFLAG_NOENV)) {
    if (!loop_) throw SystemError("The web server cannot start");
  }
  WebLoop(const WebLoop&) = delete;
  WebLoop& operator=(const WebLoop&) = delete;
  ~WebLoop() { ev_loop_destroy(loop_); }

  void* get() { return loop_; }

  /// Until something happens, or so long.
  void run(Duration patience) {
    ev_timer alarm;
    ev_timer_init(
        &alarm, [](struct ev_loop*, ev_timer*, int) {}, std::chrono::duration<double>(patience).count(), 0);
    ev_now_update(loop_);
    ev_timer_start(loop_, &alarm);
    ev_run(loop_, EVRUN_ONCE);
    ev_timer_stop(loop_, &alarm);
  }

 private:
  struct ev_loop* loop_;
};

}  // namespace parley::net
