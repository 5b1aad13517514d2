// Fuzz target: RTP packets and header extensions. What is read lies inside of the input, and what is written again reads the
// same.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "sfu/rtp/extensions.hpp"
#include "sfu/rtp/packet.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

ExtensionIds every_extension() {
  ExtensionIds ids;
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(Extension::count_); ++i)
    ids.set(static_cast<Extension>(i), static_cast<std::uint8_t>(i + 1));
  return ids;
}

void read_typed(const PacketView& packet) {
  const ExtensionIds ids = every_extension();
  if (const auto level = read_audio_level(packet, ids)) require(level->level <= 127);
  read_transport_sequence(packet, ids);
  for (const auto extension : {Extension::mid, Extension::rid, Extension::repaired_rid})
    if (const auto text = read_text(packet, ids, extension)) require(!text->empty() && text->size() <= 16);
}

void rewrite(const PacketView& packet) {
  ElementList elements;
  std::vector<Element> expected;
  for (Elements walk(packet); const auto element = walk.next();) {
    if (expected.size() == ElementList::capacity) break;
    elements.add(element->id, element->value);
    expected.push_back(*element);
  }
  const Header header{packet.payload_type, packet.marker, packet.sequence, packet.timestamp, packet.ssrc};
  Buffer out(8192);
  const auto size = write_header(header, elements, out);
  require(size >= 12);
  const auto again = parse(Bytes(out).first(size));
  require(again && again->ssrc == packet.ssrc && again->sequence == packet.sequence && again->payload.empty());
  Elements walk(*again);
  for (const Element& element : expected) {
    const auto found = walk.next();
    require(found && found->id == element.id && std::ranges::equal(found->value, element.value));
  }
  require(!walk.next());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto packet = parse({data, size});
  if (!packet) return 0;
  require(packet->header_size + packet->payload.size() + packet->padding == size);
  read_typed(*packet);
  rewrite(*packet);
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  return {
      {0x80, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x90, 0x80, 0x80, 0x01, 0x10},
      // One-byte elements: audio level, transport sequence, mid.
      {0x90, 0xEF, 0x4E, 0x80, 0xE9, 0x88, 0x5F, 0x73, 0x24, 0x67, 0x7F, 0x0E, 0xBE, 0xDE, 0,
       3,    0x40, 0xFF, 0x51, 0x00, 0x01, 0x10, 0x30, 0,    0,    0,    0,    0,    0xFC},
      // Two-byte elements, one of them empty.
      {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0x00, 0, 3, 1, 2, 'a', 'b', 7, 0, 20, 3, 1, 2, 3, 0, 0x10},
      // Two CSRCs and padding.
      {0xA2, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0x10, 0, 0, 3},
  };
}
