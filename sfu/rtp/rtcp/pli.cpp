#include "sfu/rtp/rtcp/pli.hpp"

#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {

std::optional<Pli> parse_pli(Bytes body) {
  Reader reader(body);
  const Pli pli{.sender = {reader.u32()}, .media = {reader.u32()}};
  if (!reader.ok()) return {};
  return pli;
}

void write(const Pli& pli, Writer& out) {
  constexpr std::uint8_t format = 1;
  const std::size_t begin = begin_rtcp(RtcpType::payload_feedback, format, out);
  out.u32(pli.sender.value).u32(pli.media.value);
  finish_rtcp(begin, out);
}

}  // namespace parley::rtp
