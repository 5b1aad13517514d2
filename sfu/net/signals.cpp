#include "sfu/net/signals.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "sfu/net/system_error.hpp"

namespace parley::net {

StopSignals::StopSignals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t stopping;
  ::sigemptyset(&stopping);
  ::sigaddset(&stopping, SIGTERM);
  ::sigaddset(&stopping, SIGINT);
  ::sigprocmask(SIG_BLOCK, &stopping, nullptr);
  descriptor_.reset(::signalfd(-1, &stopping, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!descriptor_) throw SystemError("Signals cannot be received");
}

bool StopSignals::take() {
  signalfd_siginfo info;
  return ::read(descriptor_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);
}

void ignore_interrupts() {
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
}

std::size_t raise_descriptor_limit(std::size_t reserved) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur - std::min<std::size_t>(limit.rlim_cur, reserved);
}

}  // namespace parley::net
