#include "sfu/rtp/rtcp/remb.hpp"

#include <limits>

namespace parley::rtp {

std::optional<Remb> parse_remb(Bytes body) {
  Reader reader(body);
  Remb remb;
  remb.sender = {reader.u32()};
  reader.skip(4);  // the media source is unused
  if (as_text(reader.take(4)) != "REMB") return {};
  const std::uint8_t count = reader.u8();
  const std::uint32_t rate = reader.u24();
  if (!reader.ok() || reader.remaining() < count * std::size_t{4}) return {};
  const std::uint32_t exponent = rate >> 18;
  const std::uint64_t mantissa = rate & 0x3FFFF;
  const bool overflows = exponent > 0 && mantissa >> (64 - exponent) != 0;
  remb.bitrate = overflows ? std::numeric_limits<std::uint64_t>::max() : mantissa << exponent;
  for (std::uint8_t i = 0; i < count; ++i) remb.sources.push_back({reader.u32()});
  return remb;
}

}  // namespace parley::rtp
