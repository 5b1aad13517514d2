#include "sfu/rtp/packet.hpp"

#include <algorithm>

namespace parley::rtp {
namespace {

constexpr std::uint8_t version = 2;

void write_fixed_header(const Header& header, bool extended, bool padded, Writer& out) {
  out.u8(static_cast<std::uint8_t>(version << 6 | (padded ? 0x20 : 0) | (extended ? 0x10 : 0)));
  out.u8(static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type.value & 0x7F)));
  out.u16(header.sequence).u32(header.timestamp).u32(header.ssrc.value);
}

bool fits_one_byte_form(const Element& element) {
  return element.id <= 14 && !element.value.empty() && element.value.size() <= 16;
}

void write_extension(std::span<const Element> elements, Writer& out) {
  const bool one_byte = std::ranges::all_of(elements, fits_one_byte_form);
  out.u16(one_byte ? one_byte_profile : two_byte_profile);
  const std::size_t length_at = out.size();
  out.u16(0);
  for (const Element& element : elements) {
    if (one_byte)
      out.u8(static_cast<std::uint8_t>(element.id << 4 | (element.value.size() - 1)));
    else
      out.u8(element.id).u8(static_cast<std::uint8_t>(element.value.size()));
    out.bytes(element.value);
  }
  const std::size_t size = out.size() - length_at - 2;
  out.zeros((4 - size % 4) % 4);
  out.patch_u16(length_at, static_cast<std::uint16_t>((size + 3) / 4));
}

void write_whole_header(const Header& header, std::span<const Element> elements, bool padded, Writer& out) {
  write_fixed_header(header, !elements.empty(), padded, out);
  if (!elements.empty()) write_extension(elements, out);
}

}  // namespace

std::optional<PacketView> parse_header(Bytes packet) {
  Reader reader(packet);
  const std::uint8_t flags = reader.u8();
  const std::uint8_t type = reader.u8();
  if (flags >> 6 != version) return {};
  PacketView view;
  view.payload_type = {static_cast<std::uint8_t>(type & 0x7F)};
  view.marker = (type & 0x80) != 0;
  view.sequence = reader.u16();
  view.timestamp = reader.u32();
  view.ssrc = {reader.u32()};
  reader.skip((flags & 0x0F) * std::size_t{4});
  if (flags & 0x10) {
    view.extension_profile = reader.u16();
    view.extension = reader.take(reader.u16() * std::size_t{4});
  }
  if (!reader.ok()) return {};
  view.header_size = packet.size() - reader.remaining();
  view.payload = reader.rest();
  return view;
}

std::optional<PacketView> parse(Bytes packet) {
  auto view = parse_header(packet);
  if (!view || (packet[0] & 0x20) == 0) return view;
  if (view->payload.empty()) return {};
  view->padding = view->payload.back();
  if (view->padding == 0 || view->padding > view->payload.size()) return {};
  view->payload = view->payload.first(view->payload.size() - view->padding);
  return view;
}

std::size_t write_header(const Header& header, std::span<const Element> elements, MutableBytes out) {
  Writer writer(out);
  write_whole_header(header, elements, header.padded, writer);
  return writer.ok() ? writer.size() : 0;
}

std::size_t write_padding(const Header& header, std::span<const Element> elements, std::uint8_t padding, MutableBytes out) {
  Writer writer(out);
  write_whole_header(header, elements, true, writer);
  writer.zeros(padding - std::size_t{1}).u8(padding);
  return writer.ok() ? writer.size() : 0;
}

}  // namespace parley::rtp
