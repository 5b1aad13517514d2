#pragma once
// What libwebsockets waits in. Its own loop hands all connections to poll(), each time anew: with 1550 of them, of which one says
// something 700 times a second, that took 40 % of a core. libev uses epoll.

#include "sfu/base/time.hpp"

struct ev_loop;

namespace parley::net {

class WebLoop {
 public:
  /// Throws SystemError.
  WebLoop();
  WebLoop(const WebLoop&) = delete;
  WebLoop& operator=(const WebLoop&) = delete;
  ~WebLoop();

  /// libev's loop, for libwebsockets.
  void* get() { return loop_; }
  /// Until something happens, or so long.
  void run(Duration patience);

 private:
  struct ev_loop* loop_;
};

}  // namespace parley::net
