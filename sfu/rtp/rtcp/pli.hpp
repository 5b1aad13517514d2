#pragma once
// Picture loss indication, RFC 4585 section 6.3.1 (type 206, FMT 1): please send a key frame.

#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::rtp {

struct Pli {
  Ssrc sender;
  Ssrc media;
  bool operator==(const Pli&) const = default;
};

std::optional<Pli> parse_pli(Bytes body);
void write(const Pli& pli, Writer& out);

}  // namespace parley::rtp
