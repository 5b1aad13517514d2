#pragma once
// Strong ids: a track is never mistaken for a participant. The front (signaling) hands them out; a worker only uses them.

#include <compare>
#include <cstdint>
#include <functional>

namespace parley {

template <typename Tag>
struct Id {
  std::uint64_t value = 0;
  auto operator<=>(const Id&) const = default;
};

using RoomId = Id<struct RoomTag>;
using ParticipantId = Id<struct ParticipantTag>;
using TrackId = Id<struct TrackTag>;
/// Joins a command and the event that answers it. 0: an event that answers nothing.
using RequestId = Id<struct RequestTag>;

/// An RTP synchronization source (RFC 3550 section 3).
struct Ssrc {
  std::uint32_t value = 0;
  auto operator<=>(const Ssrc&) const = default;
};

/// A seven-bit RTP payload type.
struct PayloadType {
  std::uint8_t value = 0;
  auto operator<=>(const PayloadType&) const = default;
};

}  // namespace parley

template <typename Tag>
struct std::hash<parley::Id<Tag>> {
  std::size_t operator()(parley::Id<Tag> id) const { return std::hash<std::uint64_t>{}(id.value); }
};
template <>
struct std::hash<parley::Ssrc> {
  std::size_t operator()(parley::Ssrc ssrc) const { return std::hash<std::uint32_t>{}(ssrc.value); }
};
template <>
struct std::hash<parley::PayloadType> {
  std::size_t operator()(parley::PayloadType type) const { return type.value; }
};
