#include "sfu/net/library_clock.hpp"

#include <sys/time.h>

#include "sfu/net/clock.hpp"

namespace parley::net {
namespace {

/// The process's, as the clock that it stands in for is.
const Clock& library_clock() {
  static const Clock clock;
  return clock;
}

}  // namespace

void steady_library_clock() { library_clock(); }

}  // namespace parley::net

extern "C" int gettimeofday(timeval* __restrict result, void* __restrict) noexcept {
  const auto since_epoch = parley::net::library_clock().now().time_since_epoch();
  const auto whole = std::chrono::duration_cast<parley::seconds>(since_epoch);
  result->tv_sec = whole.count();
  result->tv_usec = std::chrono::duration_cast<parley::microseconds>(since_epoch - whole).count();
  return 0;
}
