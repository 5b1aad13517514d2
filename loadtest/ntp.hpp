#pragma once
// Time as sender reports have it (RFC 3550 section 4): 32.32 fixed point seconds since 1900.

#include <cstdint>

#include "sfu/base/time.hpp"

namespace parley::loadtest {

/// Seconds from 1900 (NTP) to 1970 (Unix).
inline constexpr std::uint64_t ntp_epoch = 2'208'988'800;

constexpr std::uint64_t to_ntp(Time time) {
  const auto nanoseconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  const std::uint64_t fraction = (nanoseconds % 1'000'000'000 << 32) / 1'000'000'000;
  return (nanoseconds / 1'000'000'000 + ntp_epoch) << 32 | fraction;
}

/// For any time after 1970; before that, some time that means nothing.
constexpr Time from_ntp(std::uint64_t ntp) {
  const std::uint64_t whole = ((ntp >> 32) - ntp_epoch) & 0xFFFFFFFF;
  const std::uint64_t rest = ((ntp & 0xFFFFFFFF) * 1'000'000'000) >> 32;
  return Time(Duration(static_cast<std::int64_t>(whole * 1'000'000'000 + rest)));
}

}  // namespace parley::loadtest
