#pragma once
// A probe: a short train of packets, sent faster than the estimate, to see whether the network carries more. It costs a few
// packets once in a while, and is the only way up when what is sent does not fill the estimate.

#include <compare>
#include <cstddef>
#include <cstdint>

namespace parley::media::bandwidth {

/// Marks the packets of one probe. 0 is no probe.
struct ProbeId {
  std::uint32_t value = 0;
  auto operator<=>(const ProbeId&) const = default;
};

/// What the caller is to do: send `bytes` at `bits_per_second`, in at least Probe::packets packets that all carry the id: media
/// that waits, then retransmissions, then padding.
struct Probe {
  /// Fewer say nothing about a rate: libwebrtc asks for as many.
  static constexpr std::size_t packets = 5;

  ProbeId id;
  std::uint64_t bits_per_second = 0;
  std::size_t bytes = 0;
};

}  // namespace parley::media::bandwidth
