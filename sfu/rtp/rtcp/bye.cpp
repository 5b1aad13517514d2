#include "sfu/rtp/rtcp/bye.hpp"

#include <algorithm>

#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {

std::optional<Bye> parse_bye(std::uint8_t count, Bytes body) {
  Reader reader(body);
  Bye bye;
  for (std::uint8_t i = 0; i < count; ++i) bye.sources.push_back({reader.u32()});
  if (!reader.ok()) return {};
  return bye;
}

void write(const Bye& bye, Writer& out) {
  constexpr std::size_t maximum_sources = 31;
  const std::size_t count = std::min(bye.sources.size(), maximum_sources);
  const std::size_t begin = begin_rtcp(RtcpType::goodbye, static_cast<std::uint8_t>(count), out);
  for (std::size_t i = 0; i < count; ++i) out.u32(bye.sources[i].value);
  finish_rtcp(begin, out);
}

}  // namespace parley::rtp
