#include "sfu/rtp/rtcp/nack.hpp"

#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {
namespace {
constexpr std::uint8_t format = 1;
constexpr std::uint16_t mask_bits = 16;
}  // namespace

std::optional<Nack> parse_nack(Bytes body) {
  Reader reader(body);
  Nack nack{.sender = {reader.u32()}, .media = {reader.u32()}, .sequences = {}};
  if (!reader.ok() || reader.remaining() == 0 || reader.remaining() % 4 != 0) return {};
  while (reader.remaining() > 0) {
    const std::uint16_t first = reader.u16();
    const std::uint16_t mask = reader.u16();
    nack.sequences.push_back(first);
    for (std::uint16_t bit = 0; bit < mask_bits; ++bit)
      if (mask >> bit & 1) nack.sequences.push_back(static_cast<std::uint16_t>(first + bit + 1));
  }
  return nack;
}

void write(const Nack& nack, Writer& out) {
  const std::size_t begin = begin_rtcp(RtcpType::transport_feedback, format, out);
  out.u32(nack.sender.value).u32(nack.media.value);
  for (std::size_t i = 0; i < nack.sequences.size();) {
    const std::uint16_t first = nack.sequences[i++];
    std::uint16_t mask = 0;
    for (; i < nack.sequences.size(); ++i) {
      const auto distance = static_cast<std::uint16_t>(nack.sequences[i] - first);
      if (distance == 0 || distance > mask_bits) break;
      mask = static_cast<std::uint16_t>(mask | 1 << (distance - 1));
    }
    out.u16(first).u16(mask);
  }
  finish_rtcp(begin, out);
}

}  // namespace parley::rtp
