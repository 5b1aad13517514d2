#pragma once
// Receiver estimated maximum bitrate, draft-alvestrand-rmcat-remb-03 (type 206, FMT 15, "REMB"). Used by receivers that do not
// have transport-cc.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::rtp {

struct Remb {
  Ssrc sender;
  std::uint64_t bitrate = 0;  ///< bit/s, saturating
  std::vector<Ssrc> sources;
  bool operator==(const Remb&) const = default;
};

/// Nothing as well when the application layer feedback is something other than REMB.
std::optional<Remb> parse_remb(Bytes body);

}  // namespace parley::rtp
