#include "sfu/net/wake_up.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "sfu/net/system_error.hpp"

namespace parley::net {

WakeUp::WakeUp() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!descriptor_) throw SystemError("A thread cannot be woken");
}

void WakeUp::call() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_.get(), &one, sizeof one);
}

void WakeUp::take() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(descriptor_.get(), &count, sizeof count);
}

}  // namespace parley::net
