#include "sfu/rtp/rtcp/sdes.hpp"

#include <algorithm>

#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {
namespace {

constexpr std::uint8_t item_end = 0;
constexpr std::uint8_t item_cname = 1;

/// Items up to the terminating zero, then padding up to a whole word, counted from the chunk's beginning.
std::optional<Sdes::Chunk> parse_chunk(Reader& reader) {
  const std::size_t before = reader.remaining();
  Sdes::Chunk chunk;
  chunk.source = {reader.u32()};
  while (const std::uint8_t type = reader.u8()) {
    const Bytes value = reader.take(reader.u8());
    if (type == item_cname) chunk.cname = as_text(value);
  }
  reader.skip((4 - (before - reader.remaining()) % 4) % 4);
  if (!reader.ok()) return {};
  return chunk;
}

/// `begin`: where the packet does.
void write_chunk(Ssrc source, std::string_view name, std::size_t begin, Writer& out) {
  const Bytes cname = as_bytes(name.substr(0, 255));
  out.u32(source.value).u8(item_cname).u8(static_cast<std::uint8_t>(cname.size())).bytes(cname).u8(item_end);
  out.zeros((4 - (out.size() - begin) % 4) % 4);
}

}  // namespace

std::optional<Sdes> parse_sdes(std::uint8_t count, Bytes body) {
  Reader reader(body);
  Sdes sdes;
  for (std::uint8_t i = 0; i < count; ++i) {
    auto chunk = parse_chunk(reader);
    if (!chunk) return {};
    sdes.chunks.push_back(std::move(*chunk));
  }
  return sdes;
}

void write(const Sdes& sdes, Writer& out) {
  constexpr std::size_t maximum_chunks = 31;
  const std::size_t count = std::min(sdes.chunks.size(), maximum_chunks);
  const std::size_t begin = begin_rtcp(RtcpType::source_description, static_cast<std::uint8_t>(count), out);
  for (std::size_t i = 0; i < count; ++i) write_chunk(sdes.chunks[i].source, sdes.chunks[i].cname, begin, out);
  finish_rtcp(begin, out);
}

void write_cname(Ssrc source, std::string_view cname, Writer& out) {
  const std::size_t begin = begin_rtcp(RtcpType::source_description, 1, out);
  write_chunk(source, cname, begin, out);
  finish_rtcp(begin, out);
}

}  // namespace parley::rtp
