#include "sfu/rtp/packet.hpp"

#include <catch2/catch.hpp>

#include "sfu/rtp/extensions.hpp"
#include "tests/captures/capture.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

const Buffer plain = {0x80, 0xE0, 0x12, 0x34, 0x00, 0x00, 0x03, 0xE8, 0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3};

Buffer with_flags(Buffer packet, std::uint8_t flags) {
  packet[0] = static_cast<std::uint8_t>(packet[0] | flags);
  return packet;
}

std::vector<std::pair<int, Buffer>> all_elements(const PacketView& packet) {
  std::vector<std::pair<int, Buffer>> result;
  for (Elements elements(packet); const auto element = elements.next();)
    result.emplace_back(element->id, Buffer(element->value.begin(), element->value.end()));
  return result;
}

PacketView with_extension(std::uint16_t profile, const Buffer& bytes) {
  PacketView view;
  view.extension_profile = profile;
  view.extension = bytes;
  return view;
}

}  // namespace

TEST_CASE("a packet without extras is read field by field") {
  const auto packet = parse(plain);
  REQUIRE(packet);
  CHECK(packet->payload_type == PayloadType{96});
  CHECK(packet->marker);
  CHECK(packet->sequence == 0x1234);
  CHECK(packet->timestamp == 1000);
  CHECK(packet->ssrc == Ssrc{0xDEADBEEF});
  CHECK(packet->header_size == 12);
  CHECK(Buffer(packet->payload.begin(), packet->payload.end()) == Buffer{1, 2, 3});
  CHECK(packet->extension_profile == 0);
  CHECK_FALSE(packet->padding_only());
}

TEST_CASE("contributing sources are skipped") {
  Buffer packet = with_flags(plain, 2);
  packet.insert(packet.begin() + 12, 8, 0xCC);
  const auto view = parse(packet);
  REQUIRE(view);
  CHECK(view->header_size == 20);
  CHECK(view->payload.size() == 3);
}

TEST_CASE("padding is not payload") {
  Buffer packet = with_flags(plain, 0x20);
  packet.insert(packet.end(), {0, 0, 3});
  const auto view = parse(packet);
  REQUIRE(view);
  CHECK(view->padding == 3);
  CHECK(view->payload.size() == 3);
}

TEST_CASE("a packet of nothing but padding is padding-only") {
  Buffer packet(300);
  const auto size = write_padding({{97}, false, 7, 0, {5}}, {}, 255, packet);
  REQUIRE(size == 12 + 255);
  const auto view = parse(Bytes(packet).first(size));
  REQUIRE(view);
  CHECK(view->padding_only());
  CHECK(view->padding == 255);
}

TEST_CASE("the header of an encrypted packet is read, whatever its last bytes look like") {
  Buffer encrypted = with_flags(plain, 0x20);
  encrypted.back() = 0xFF;  // as padding it would be longer than the packet
  CHECK_FALSE(parse(encrypted));
  const auto header = parse_header(encrypted);
  REQUIRE(header);
  CHECK(header->sequence == 0x1234);
  CHECK(header->ssrc == Ssrc{0xDEADBEEF});
  CHECK(header->payload.size() == 3);
  CHECK(header->padding == 0);
  for (std::size_t size = 0; size < 12; ++size) CHECK_FALSE(parse_header(Bytes(encrypted).first(size)));
}

TEST_CASE("malformed packets are refused") {
  CHECK_FALSE(parse({}));
  CHECK_FALSE(parse(Bytes(plain).first(11)));
  Buffer version_one = plain;
  version_one[0] = 0x40;
  CHECK_FALSE(parse(version_one));
  CHECK_FALSE(parse(with_flags(plain, 0x0F)));  // fifteen CSRCs in three bytes
  CHECK_FALSE(parse(with_flags(plain, 0x10)));  // an extension header in three bytes
  SECTION("an extension longer than the packet") {
    Buffer packet = with_flags(plain, 0x10);
    packet.resize(12);
    packet.insert(packet.end(), {0xBE, 0xDE, 0x00, 0x02, 0x10, 0x00, 0x00, 0x00});
    CHECK_FALSE(parse(packet));
  }
  SECTION("padding longer than the payload, of length zero, or without any payload") {
    Buffer packet = with_flags(plain, 0x20);
    packet.back() = 4;
    CHECK_FALSE(parse(packet));
    packet.back() = 0;
    CHECK_FALSE(parse(packet));
    packet.resize(12);
    CHECK_FALSE(parse(packet));
  }
}

TEST_CASE("a header is written with one-byte elements when they all fit") {
  const Buffer mid = {'0'}, level = {0x97};
  ElementList elements;
  elements.add(4, mid);
  elements.add(0, mid);  // not negotiated
  elements.add(1, level);
  Buffer out(100);
  const auto size = write_header({{111}, true, 1, 2, {3}}, elements, out);
  CHECK(Buffer(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)) ==
        Buffer{0x90, 0xEF, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xBE, 0xDE, 0, 1, 0x40, '0', 0x10, 0x97});
}

TEST_CASE("a header is written with two-byte elements when one is long, empty or has a high id") {
  const auto id = GENERATE(3, 15);
  const auto length = GENERATE(0u, 17u, 40u);
  const Buffer value(length, 7);
  ElementList elements;
  elements.add(1, as_bytes("x"));
  elements.add(static_cast<std::uint8_t>(id), value);
  Buffer out(100);
  const auto size = write_header({{96}, false, 1, 2, {3}}, elements, out);
  REQUIRE(size % 4 == 0);
  const auto view = parse(Bytes(out).first(size));
  REQUIRE(view);
  CHECK(view->extension_profile == 0x1000);
  CHECK(all_elements(*view) == std::vector<std::pair<int, Buffer>>{{1, {'x'}}, {id, value}});
}

TEST_CASE("a header that does not fit is not written") {
  Buffer out(19);
  const Buffer value = {1, 2};
  ElementList elements;
  elements.add(1, value);
  CHECK(write_header({{96}, false, 1, 2, {3}}, elements, MutableBytes(out).first(11)) == 0);
  CHECK(write_header({{96}, false, 1, 2, {3}}, elements, out) == 0);
}

TEST_CASE("one-byte elements are read around padding, and up to id 15") {
  const Buffer bytes = {0x00, 0x10, 0xAA, 0x00, 0x21, 1, 2, 0xF0, 0x30, 0xBB};
  CHECK(all_elements(with_extension(0xBEDE, bytes)) == std::vector<std::pair<int, Buffer>>{{1, {0xAA}}, {2, {1, 2}}});
}

TEST_CASE("two-byte elements may be empty, and the lower bits of their profile do not matter") {
  const Buffer bytes = {0x00, 0x05, 0x00, 0x20, 0x02, 8, 9, 0x00};
  CHECK(all_elements(with_extension(0x1003, bytes)) == std::vector<std::pair<int, Buffer>>{{5, {}}, {32, {8, 9}}});
}

TEST_CASE("an element longer than the extension ends the list") {
  const Buffer one_byte = {0x10, 0xAA, 0x2F, 1, 2};
  CHECK(all_elements(with_extension(0xBEDE, one_byte)).size() == 1);
  const Buffer two_byte = {1, 1, 0xAA, 2, 200, 1};
  CHECK(all_elements(with_extension(0x1000, two_byte)).size() == 1);
  CHECK(all_elements(with_extension(0x1234, two_byte)).empty());
}

TEST_CASE("extension uris are known both ways") {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Extension::count_); ++i) {
    const auto extension = static_cast<Extension>(i);
    CHECK(from_uri(uri(extension)) == extension);
  }
  CHECK_FALSE(from_uri("urn:ietf:params:rtp-hdrext:toffset"));
}

TEST_CASE("extension ids are found in both directions, and id 0 means not negotiated") {
  ExtensionIds ids;
  ids.set(Extension::mid, 4);
  CHECK(ids.id(Extension::mid) == 4);
  CHECK(ids.id(Extension::rid) == 0);
  CHECK(ids.extension(4) == Extension::mid);
  CHECK_FALSE(ids.extension(5));
  CHECK_FALSE(ids.extension(0));
}

TEST_CASE("typed extensions of a browser's packet are read") {
  const auto packets = captures::read("wire-cr-dtx");
  const auto loud = std::ranges::find_if(
      packets, [](const auto& packet) { return packet.elements.contains(1) && packet.elements.at(1) == Buffer{0x96}; });
  REQUIRE(loud != packets.end());
  const Buffer bytes = captures::build(*loud);
  const auto view = parse(bytes);
  REQUIRE(view);
  ExtensionIds ids;
  ids.set(Extension::audio_level, 1);
  ids.set(Extension::transport_cc, 3);
  ids.set(Extension::mid, 4);
  CHECK(read_audio_level(*view, ids) == AudioLevel{.voice = true, .level = 0x16});
  CHECK(read_transport_sequence(*view, ids) == 13);
  CHECK(read_text(*view, ids, Extension::mid) == "0");
  CHECK_FALSE(read_text(*view, ids, Extension::rid));
}

TEST_CASE("a mid or rid that is no token is absent") {
  const auto text = GENERATE(std::string(""), std::string("a b"), std::string("\xff"), std::string(17, 'a'));
  ExtensionIds ids;
  ids.set(Extension::rid, 3);
  ElementList elements;
  elements.add(3, as_bytes(text));
  Buffer out(100);
  const auto size = write_header({{96}, false, 1, 2, {3}}, elements, out);
  const auto view = parse(Bytes(out).first(size));
  REQUIRE(view);
  CHECK_FALSE(read_text(*view, ids, Extension::rid));
}

TEST_CASE("the absolute send time is 6.18 fixed point seconds modulo 64") {
  const auto at = [](Duration since) { return abs_send_time(Time(since)); };
  CHECK(at(seconds(0)) == std::array<std::uint8_t, 3>{0, 0, 0});
  CHECK(at(milliseconds(1500)) == std::array<std::uint8_t, 3>{0x06, 0x00, 0x00});
  CHECK(at(seconds(64 * 1'000'000) + milliseconds(500)) == std::array<std::uint8_t, 3>{0x02, 0x00, 0x00});
  CHECK(at(seconds(63) + nanoseconds(999'999'999)) == std::array<std::uint8_t, 3>{0xFF, 0xFF, 0xFF});
}

TEST_CASE("every packet that the browsers sent survives reading and writing") {
  std::size_t count = 0;
  for (const auto& name : captures::names()) {
    for (const auto& packet : captures::read(name)) {
      const Buffer bytes = captures::build(packet);
      const auto view = parse(bytes);
      REQUIRE(view);
      CHECK(view->ssrc == packet.header.ssrc);
      CHECK(view->sequence == packet.header.sequence);
      CHECK(view->payload.size() == packet.payload.size());
      for (const auto& [id, value] : packet.elements) {
        const auto found = find(*view, id);
        REQUIRE(found);
        CHECK(Buffer(found->begin(), found->end()) == value);
      }
      ++count;
    }
  }
  CHECK(count > 400);
}
