#include "sfu/rtp/rtcp/fir.hpp"

#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {

std::optional<Fir> parse_fir(Bytes body) {
  Reader reader(body);
  Fir fir{.sender = {reader.u32()}, .requests = {}};
  reader.skip(4);  // the media source is unused: each request names its own
  if (!reader.ok() || reader.remaining() == 0 || reader.remaining() % 8 != 0) return {};
  while (reader.remaining() > 0) {
    fir.requests.push_back({.media = {reader.u32()}, .number = reader.u8()});
    reader.skip(3);
  }
  return fir;
}

void write(const Fir& fir, Writer& out) {
  constexpr std::uint8_t format = 4;
  const std::size_t begin = begin_rtcp(RtcpType::payload_feedback, format, out);
  out.u32(fir.sender.value).u32(0);
  for (const auto& request : fir.requests) out.u32(request.media.value).u8(request.number).zeros(3);
  finish_rtcp(begin, out);
}

}  // namespace parley::rtp
