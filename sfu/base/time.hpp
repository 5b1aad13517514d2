#pragma once
// Time as the machines see it. There is deliberately no now(): a function learns the time from its first
// parameter or not at all. Only net/clock (real) and sim/world (virtual) make Time values.

#include <chrono>
#include <cstdint>

namespace parley {

/// A span of time in nanoseconds.
using Duration = std::chrono::nanoseconds;

struct MonotonicClock {};

/// Nanoseconds since the Unix epoch as it was known when the process started, moved on by the monotonic clock.
/// It never runs backwards, and is close enough to wall-clock time to judge a token's `exp` by.
using Time = std::chrono::time_point<MonotonicClock, Duration>;

/// The wake-up time of a machine that waits for nothing but input.
inline constexpr Time never = Time::max();

/// Whole seconds since the Unix epoch.
constexpr std::int64_t unix_seconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

}  // namespace parley
