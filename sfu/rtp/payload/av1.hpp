#pragma once
// The AV1 aggregation header, AV1 RTP payload specification v1.0 section 4.4:  |Z|Y| W |N|-|-|-|

#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"

namespace parley::rtp {

struct Av1Aggregation {
  bool continues_previous = false;  ///< Z: begins inside of an OBU
  bool continued = false;           ///< Y: the last OBU goes on in the next packet
  std::uint8_t elements = 0;        ///< W: number of OBU elements; 0: each has a length
  bool starts_sequence = false;     ///< N: first packet of a coded video sequence, that is, of a key frame
};

/// Nothing for an empty payload, or when Z and N are both set, which the specification forbids.
std::optional<Av1Aggregation> parse_av1(Bytes payload);

}  // namespace parley::rtp
