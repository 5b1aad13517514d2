#pragma once
// What the relay and its driver call things by: a relay socket, and a TCP connection to a peer.

#include <compare>
#include <cstdint>
#include <functional>

namespace parley::turn {

/// A relay socket. `index` is small and used again, so that a driver may keep its sockets in a vector; `generation` tells the
/// socket that has an index now from the ones that had it before.
struct RelayId {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  auto operator<=>(const RelayId&) const = default;
};

/// A TCP connection between a relayed address and a peer: CONNECTION-ID of RFC 6062. Its top eight bits are the worker's number.
struct ConnectionId {
  std::uint32_t value = 0;
  auto operator<=>(const ConnectionId&) const = default;
};

/// Numbers that the first byte of a datagram tells from STUN. RFC 8656 section 12 leaves clients those up to 0x4fff (RFC 7983);
/// clients of its predecessor, RFC 5766 (coturn's are), take any up to 0x7fff.
struct ChannelNumber {
  std::uint16_t value = 0;
  bool is_valid() const { return value >= 0x4000 && value <= 0x7fff; }
  auto operator<=>(const ChannelNumber&) const = default;
};

}  // namespace parley::turn

template <>
struct std::hash<parley::turn::RelayId> {
  std::size_t operator()(parley::turn::RelayId id) const {
    return std::hash<std::uint64_t>{}(std::uint64_t{id.generation} << 32 | id.index);
  }
};
template <>
struct std::hash<parley::turn::ConnectionId> {
  std::size_t operator()(parley::turn::ConnectionId id) const { return std::hash<std::uint32_t>{}(id.value); }
};
