#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {
namespace {
constexpr std::uint16_t padding_bit = 0x2000;  // of the first two bytes
}

std::size_t begin_rtcp(RtcpType type, std::uint8_t count, Writer& out) {
  const std::size_t begin = out.size();
  out.u8(static_cast<std::uint8_t>(2 << 6 | (count & 0x1F))).u8(static_cast<std::uint8_t>(type)).u16(0);
  return begin;
}

void pad_rtcp(std::size_t begin, Writer& out) {
  const std::size_t size = out.size() - begin;
  const std::size_t padding = (4 - size % 4) % 4;
  if (padding == 0) return;
  out.zeros(padding - 1).u8(static_cast<std::uint8_t>(padding));
  out.patch_u16(begin, static_cast<std::uint16_t>(Reader(out.written().subspan(begin)).u16() | padding_bit));
}

void finish_rtcp(std::size_t begin, Writer& out) {
  out.patch_u16(begin + 2, static_cast<std::uint16_t>((out.size() - begin) / 4 - 1));
}

}  // namespace parley::rtp
