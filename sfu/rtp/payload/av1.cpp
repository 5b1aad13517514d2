#include "sfu/rtp/payload/av1.hpp"

namespace parley::rtp {

std::optional<Av1Aggregation> parse_av1(Bytes payload) {
  if (payload.empty()) return {};
  const std::uint8_t byte = payload.front();
  const Av1Aggregation header{.continues_previous = (byte & 0x80) != 0,
                              .continued = (byte & 0x40) != 0,
                              .elements = static_cast<std::uint8_t>(byte >> 4 & 3),
                              .starts_sequence = (byte & 0x08) != 0};
  if (header.continues_previous && header.starts_sequence) return {};
  return header;
}

}  // namespace parley::rtp
