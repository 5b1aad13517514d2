#pragma once
// Conversions between the three clocks of RTP: time as Parley has it, RTP timestamp units, and NTP's 32.32 fixed point seconds.
// Each works on whole seconds and the rest apart, so that nothing overflows for any span that a hostile sender can claim.

#include <cstdint>

#include "sfu/base/time.hpp"

namespace parley::media {

/// `units` of a clock of `rate` Hz.
constexpr Duration to_duration(std::int64_t units, std::uint32_t rate) {
  return seconds(units / rate) + nanoseconds(units % rate * 1'000'000'000 / rate);
}

constexpr std::int64_t to_units(Duration duration, std::uint32_t rate) {
  const std::int64_t whole = duration.count() / 1'000'000'000;
  return whole * rate + duration.count() % 1'000'000'000 * rate / 1'000'000'000;
}

/// NTP's fraction: 2^32 units a second.
constexpr Duration ntp_difference(std::uint64_t later, std::uint64_t earlier) {
  const auto difference = static_cast<std::int64_t>(later - earlier);
  const auto fraction = static_cast<std::int64_t>(static_cast<std::uint64_t>(difference) & 0xFFFFFFFF);
  return seconds(difference >> 32) + nanoseconds(fraction * 1'000'000'000 >> 32);
}

constexpr std::uint64_t ntp_add(std::uint64_t ntp, Duration duration) {
  const std::int64_t whole = duration.count() / 1'000'000'000;
  const std::int64_t rest = duration.count() % 1'000'000'000;
  return ntp + (static_cast<std::uint64_t>(whole) << 32) + static_cast<std::uint64_t>((rest << 32) / 1'000'000'000);
}

}  // namespace parley::media
