#pragma once
// Generic NACK, RFC 4585 section 6.2.1 (type 205, FMT 1): these packets are missing.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::rtp {

struct Nack {
  Ssrc sender;
  Ssrc media;
  std::vector<std::uint16_t> sequences;  ///< in the order of the message; written best when ascending
  bool operator==(const Nack&) const = default;
};

/// A packet holds at most 17 sequences for each 4 of its bytes, which is the limit.
std::optional<Nack> parse_nack(Bytes body);
void write(const Nack& nack, Writer& out);

}  // namespace parley::rtp
