#include "sfu/media/packet_cache.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

TEST_CASE("a stored packet is found with its own copy of the payload") {
  PacketCache cache(4);
  Buffer payload = {1, 2, 3};
  auto original = packet(70000, 5, true);
  original.payload = payload;
  const auto* stored = cache.store(original);
  REQUIRE(stored);
  payload.assign(3, 0);
  CHECK(cache.find(70000) == stored);
  CHECK(stored->timestamp == 5);
  CHECK(stored->keyframe);
  CHECK(Buffer(stored->payload.begin(), stored->payload.end()) == Buffer{1, 2, 3});
}

TEST_CASE("a packet is found until the ring has gone round") {
  PacketCache cache(4);
  for (Sequence sequence = 10; sequence < 15; ++sequence) cache.store(packet(sequence));
  CHECK_FALSE(cache.find(10));
  for (Sequence sequence = 11; sequence < 15; ++sequence) CHECK(cache.find(sequence));
  CHECK_FALSE(cache.find(15));
  CHECK_FALSE(cache.find(11 + 65536));
}

TEST_CASE("the ring grows until it holds what came within its time, and no further than its limit") {
  PacketCache cache(256);
  CHECK(cache.capacity() == PacketCache::first_capacity);
  auto original = packet(0);
  const auto store = [&](Sequence sequence, Duration apart) {
    original.sequence = sequence;
    original.arrival += apart;
    cache.store(original);
  };
  // 80 of them within the time.
  for (Sequence sequence = 1; sequence <= 500; ++sequence) store(sequence, PacketCache::kept_for / 80);
  CHECK(cache.capacity() == 128);
  for (Sequence sequence = 500; sequence > 500 - 80; --sequence) CHECK(cache.find(sequence));
  for (Sequence sequence = 501; sequence <= 1500; ++sequence) store(sequence, milliseconds(1));
  CHECK(cache.capacity() == 256);
  CHECK(cache.find(1500 - 255));
  CHECK_FALSE(cache.find(1500 - 256));
}

TEST_CASE("a late packet takes its own place, and never that of a newer one") {
  PacketCache cache(4);
  cache.store(packet(10));
  cache.store(packet(13));
  CHECK(cache.store(packet(12)));
  CHECK(cache.find(12));
  CHECK_FALSE(cache.store(packet(9)));
  CHECK(cache.find(13));
}

TEST_CASE("a payload larger than a datagram holds is not stored") {
  PacketCache cache(4);
  const Buffer large(PacketCache::maximum_payload + 1);
  auto original = packet(1);
  original.payload = large;
  CHECK_FALSE(cache.store(original));
  original.payload = Bytes(large).first(PacketCache::maximum_payload);
  CHECK(cache.store(original));
}

TEST_CASE("a slot uses its bytes again for whatever is no larger than what it has held, or about as large") {
  PacketCache cache(1);
  const Buffer bytes(PacketCache::maximum_payload);
  auto original = packet(1);
  original.payload = Bytes(bytes).first(1000);
  const auto* where = cache.store(original)->payload.data();
  for (const std::size_t size : {10, 1000, 1010}) {
    ++original.sequence;
    original.payload = Bytes(bytes).first(size);
    CHECK(cache.store(original)->payload.data() == where);
  }
}

TEST_CASE("extension elements that belong to the media are kept, the others are not") {
  rtp::ExtensionIds published, received;
  published.set(rtp::Extension::audio_level, 1);
  published.set(rtp::Extension::mid, 4);
  published.set(rtp::Extension::transport_cc, 3);
  received.set(rtp::Extension::audio_level, 9);
  received.set(rtp::Extension::mid, 2);
  rtp::ElementList elements;
  const Buffer level = {0x97}, sequence = {0, 1};
  elements.add(1, level);
  elements.add(4, as_bytes("0"));
  elements.add(3, sequence);
  Buffer bytes(100);
  const auto size = rtp::write_header({{111}, false, 1, 2, {3}}, elements, bytes);
  bytes[size] = 0xFC;
  const auto parsed = rtp::parse(Bytes(bytes).first(size + 1));
  REQUIRE(parsed);
  PacketCache cache(2);
  const auto* stored = cache.store(make_media_packet(at(seconds(1)), *parsed, 1, 2, rtp::Codec::opus, published));
  REQUIRE(stored);
  CHECK(stored->keyframe);
  bytes.assign(bytes.size(), 0);

  rtp::ElementList outgoing;
  stored->extensions.append(received, outgoing);
  const std::span<const rtp::Element> list = outgoing;
  REQUIRE(list.size() == 1);
  CHECK(list[0].id == 9);
  CHECK(list[0].value.front() == 0x97);
}

TEST_CASE("more and longer extension elements than there is room for are left out") {
  ForwardedExtensions extensions;
  const Buffer value(40, 1);
  extensions.add(rtp::Extension::color_space, value);
  extensions.add(rtp::Extension::color_space, value);
  CHECK(extensions.items().size() == 1);
  for (int i = 0; i < 10; ++i) extensions.add(rtp::Extension::audio_level, Bytes(value).first(1));
  CHECK(extensions.items().size() == ForwardedExtensions::maximum_count);
}

TEST_CASE("large payloads get the sizes of a few classes by RTP padding, which every receiver takes off again") {
  PacketCache cache(16);
  Buffer payload(1200, 0x42);
  for (std::size_t size = 250; size < 280; ++size) {
    MediaPacket packet;
    packet.sequence = static_cast<Sequence>(size);
    packet.payload = Bytes(payload).first(size);
    const auto* stored = cache.store(packet);
    REQUIRE(stored);
    if (size < PacketCache::smallest_padded) {
      CHECK(stored->payload.size() == size);
      CHECK(stored->padding == 0);
      continue;
    }
    CHECK(stored->payload.size() % PacketCache::size_step == 0);
    CHECK(stored->payload.size() - size == stored->padding);
    CHECK(stored->padding < PacketCache::size_step);
    Buffer datagram(2000);
    rtp::Header header{.payload_type = {96}, .sequence = 1, .timestamp = 2, .ssrc = {3}, .padded = stored->padding > 0};
    const auto header_size = rtp::write_header(header, {}, datagram);
    std::ranges::copy(stored->payload, datagram.begin() + static_cast<std::ptrdiff_t>(header_size));
    const auto view = rtp::parse(Bytes(datagram).first(header_size + stored->payload.size()));
    REQUIRE(view);
    CHECK(view->payload.size() == size);
    CHECK(view->padding == stored->padding);
  }
}
