#pragma once
// What a synthetic publisher writes where a codec would put sound or picture: bytes from which a receiver can tell who made them,
// for which room, which frame they belong to, and that not one of them has changed on the way.
//
//     marker 8 | room 8 | publisher 8 | track 4 | layer 1 | frame 4 | reference 4 | packet 2 | packets 2 | sent 8 |
//     checksum 4 | filling
//
// The filling follows from the fields, so that damage anywhere is found.

#include <cstdint>
#include <optional>
#include <string_view>

#include "sfu/base/bytes.hpp"
#include "sfu/base/time.hpp"

namespace parley::loadtest {

/// Stands in every payload. Seen in a datagram on a network it means that media has left unencrypted.
inline constexpr std::string_view plaintext_marker = "ParleyPt";

struct Pattern {
  std::uint64_t room = 0;
  std::uint64_t publisher = 0;
  std::uint32_t track = 0;      ///< the publisher's own number for it
  std::uint8_t layer = 0;       ///< simulcast layer, 0 is the lowest
  std::uint32_t frame = 0;      ///< counts up by one; the layers of one picture share the number
  std::uint32_t reference = 0;  ///< the frame of this layer without which this one cannot be shown; itself: a key frame
  std::uint16_t packet = 0;     ///< place in the frame, from 0
  std::uint16_t packets = 1;    ///< of the frame
  Time sent{};                  ///< when the packet was first handed to its connection
  bool keyframe() const { return reference == frame; }
  bool operator==(const Pattern&) const = default;
};

inline constexpr std::size_t pattern_size = 53;

/// Fills all of `payload`, which has at least pattern_size bytes.
void write(const Pattern& pattern, MutableBytes payload);
/// Nothing when the payload is not a pattern, or is damaged anywhere.
std::optional<Pattern> read_pattern(Bytes payload);

}  // namespace parley::loadtest
