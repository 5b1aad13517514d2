#include "sfu/net/clock.hpp"

#include <ctime>

namespace parley::net {
namespace {

Duration read(clockid_t which) {
  timespec value{};
  ::clock_gettime(which, &value);
  return seconds(value.tv_sec) + nanoseconds(value.tv_nsec);
}

}  // namespace

Clock::Clock() : epoch_(read(CLOCK_REALTIME) - read(CLOCK_MONOTONIC)) {}

Time Clock::now() const { return Time(epoch_ + read(CLOCK_MONOTONIC)); }

}  // namespace parley::net
