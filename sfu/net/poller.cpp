#include "sfu/net/poller.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

void control(int poller, int operation, int descriptor, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  ::epoll_ctl(poller, operation, descriptor, &event);
}

/// Nanoseconds where the kernel has them (Linux 5.11) and a container's filter lets them through; otherwise milliseconds,
/// rounded up so as not to spin.
int wait_for(int poller, std::span<epoll_event> events, Duration patience) {
  const auto whole = std::chrono::duration_cast<seconds>(patience);
  const timespec span{whole.count(), (patience - whole).count()};
  const int count = static_cast<int>(events.size());
  const int found = ::epoll_pwait2(poller, events.data(), count, patience < Duration{0} ? nullptr : &span, nullptr);
  if (found >= 0 || errno == EINTR) return found;
  const auto rounded = std::chrono::ceil<milliseconds>(std::min<Duration>(patience, hours(1)));
  return ::epoll_wait(poller, events.data(), count, patience < Duration{0} ? -1 : static_cast<int>(rounded.count()));
}

}  // namespace

Poller::Poller() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!descriptor_) throw SystemError("The event loop cannot start");
}

void Poller::add(int descriptor) { control(descriptor_.get(), EPOLL_CTL_ADD, descriptor, EPOLLIN); }

void Poller::want_output(int descriptor, bool wanted) {
  control(descriptor_.get(), EPOLL_CTL_MOD, descriptor, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Poller::want(int descriptor, bool input, bool output) {
  control(descriptor_.get(), EPOLL_CTL_MOD, descriptor, (input ? EPOLLIN : 0u) | (output ? EPOLLOUT : 0u));
}

void Poller::remove(int descriptor) { control(descriptor_.get(), EPOLL_CTL_DEL, descriptor, 0); }

std::span<const Poller::Readiness> Poller::wait(Duration patience) {
  std::array<epoll_event, 256> events;
  const int found = wait_for(descriptor_.get(), events, patience);
  ready_.clear();
  for (int i = 0; i < found; ++i) {
    const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
    ready_.push_back(
        {events[static_cast<std::size_t>(i)].data.fd, (what & ~EPOLLOUT) != 0, (what & EPOLLOUT) != 0, (what & EPOLLERR) != 0});
  }
  return ready_;
}

}  // namespace parley::net
