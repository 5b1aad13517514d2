#pragma once
// BYE, RFC 3550 section 6.6: these sources end. The reason text is not kept.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::rtp {

struct Bye {
  std::vector<Ssrc> sources;
  bool operator==(const Bye&) const = default;
};

std::optional<Bye> parse_bye(std::uint8_t count, Bytes body);
/// At most 31 sources are written.
void write(const Bye& bye, Writer& out);

}  // namespace parley::rtp
