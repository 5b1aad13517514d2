#pragma once
// SDES, RFC 3550 section 6.5. Only the CNAME is kept: streams with one CNAME are synchronized with each other.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::rtp {

struct Sdes {
  struct Chunk {
    Ssrc source;
    std::string cname;  ///< at most 255 bytes; empty: the chunk had none
    bool operator==(const Chunk&) const = default;
  };
  std::vector<Chunk> chunks;
  bool operator==(const Sdes&) const = default;
};

std::optional<Sdes> parse_sdes(std::uint8_t count, Bytes body);
/// At most 31 chunks are written.
void write(const Sdes& sdes, Writer& out);
/// A description with one chunk.
void write_cname(Ssrc source, std::string_view cname, Writer& out);

}  // namespace parley::rtp
