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

void Clock::sleep(Duration duration) const {
  if (duration <= Duration{0}) return;
  const auto whole = std::chrono::duration_cast<seconds>(duration);
  const timespec span{whole.count(), (duration - whole).count()};
  ::nanosleep(&span, nullptr);
}

}  // namespace parley::net
