#include "sfu/rtp/payload/red.hpp"

namespace parley::rtp {
namespace {
constexpr std::uint8_t more_blocks = 0x80;
constexpr std::size_t redundant_header_size = 4;
}  // namespace

std::optional<RedPayload> parse_red(Bytes payload) {
  Reader reader(payload);
  RedPayload red;
  std::size_t redundant_bytes = 0;
  std::uint8_t first = reader.u8();
  for (; first & more_blocks; first = reader.u8()) {
    if (++red.redundant > maximum_red_blocks) return {};
    redundant_bytes += reader.u24() & 0x3FF;
  }
  red.primary_type = {first};
  red.header_size = static_cast<std::uint8_t>(payload.size() - reader.remaining());
  reader.skip(redundant_bytes);
  if (!reader.ok() || reader.remaining() == 0) return {};
  red.primary = reader.rest();
  return red;
}

PayloadEdit strip_red(Bytes payload, const RedPayload& red) {
  PayloadEdit edit;
  edit.skip = static_cast<std::uint16_t>(payload.size() - red.primary.size());
  return edit;
}

PayloadEdit rewrite_red(Bytes payload, const RedPayload& red, PayloadType block_type) {
  PayloadEdit edit;
  edit.prefix_size = red.header_size;
  edit.skip = red.header_size;
  Writer(edit.prefix_bytes).bytes(payload.first(red.header_size));
  for (std::size_t block = 0; block <= red.redundant; ++block) {
    std::uint8_t& header = edit.prefix_bytes[block * redundant_header_size];
    header = static_cast<std::uint8_t>((header & more_blocks) | block_type.value);
  }
  return edit;
}

}  // namespace parley::rtp
