#include "sfu/net/web_loop.hpp"

#include <ev.h>

#include "sfu/net/system_error.hpp"

namespace parley::net {

WebLoop::WebLoop() : loop_(ev_loop_new(EVFLAG_NOENV)) {
  if (!loop_) throw SystemError("The web server cannot start");
}

WebLoop::~WebLoop() { ev_loop_destroy(loop_); }

void WebLoop::run(Duration patience) {
  ev_timer alarm;
  ev_timer_init(
      &alarm, [](struct ev_loop*, ev_timer*, int) {}, std::chrono::duration<double>(patience).count(), 0);
  ev_now_update(loop_);
  ev_timer_start(loop_, &alarm);
  ev_run(loop_, EVRUN_ONCE);
  ev_timer_stop(loop_, &alarm);
}

}  // namespace parley::net
