#pragma once
// How patient and how greedy an SCTP association is, and how often usrsctp's timers are looked at.

#include <cstdint>

#include "sfu/base/time.hpp"

namespace parley::transport {

/// ICE decides when a connection is over: for as long as it lives, SCTP goes on trying. With the longest timeout this is an hour.
inline constexpr std::uint32_t maximum_attempts = 1200;
/// RFC 9260 section 16 has 1, 60 and 3 s, for networks on which nothing else would notice that a path is dead. These are what
/// browsers have, about.
inline constexpr std::uint32_t shortest_timeout_ms = 200;
inline constexpr std::uint32_t first_timeout_ms = 500;
inline constexpr std::uint32_t longest_timeout_ms = 3000;
/// RFC 9260 section 6.2 allows 200 ms; what waits for it is a sender with a small window.
inline constexpr std::uint32_t acknowledgement_delay_ms = 20;
/// In packets, RFC 6928.
inline constexpr std::uint32_t initial_window = 10;
/// Of messages that wait to be sent or acknowledged, and of pieces that came out of order: each costs some 400 bytes of memory,
/// however small it is.
inline constexpr std::uint32_t maximum_chunks = 4096;
/// RFC 9260 section 3.1. usrsctp does not count it to the path MTU over AF_CONN.
inline constexpr std::uint32_t common_header = 12;

/// usrsctp's timers tick in milliseconds. After traffic they are looked at this often...
inline constexpr Duration shortest_tick = milliseconds(10);
inline constexpr Duration longest_tick = milliseconds(500);
/// ...and in a silence of this share of its length, so that each timer is late by no more than a quarter.
inline constexpr int tick_share = 4;
/// With nothing to repeat, every timer has fired after this.
inline constexpr Duration settled = seconds(1);

}  // namespace parley::transport
