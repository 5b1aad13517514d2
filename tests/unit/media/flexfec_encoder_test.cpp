#include "sfu/media/flexfec_encoder.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "sfu/base/random.hpp"

using namespace parley;
using namespace parley::media;

namespace {

constexpr Ssrc protected_stream{0xCAFE};
constexpr std::uint8_t transport_cc_id = 3, abs_send_time_id = 2, mid_id = 4;

Time at(Duration since) { return Time(since); }

rtp::ExtensionIds extension_ids() {
  rtp::ExtensionIds ids;
  ids.set(rtp::Extension::transport_cc, transport_cc_id);
  ids.set(rtp::Extension::abs_send_time, abs_send_time_id);
  ids.set(rtp::Extension::mid, mid_id);
  return ids;
}

/// A packet as its two parts, and as a receiver sees it: mutable extensions zero, which it does to received ones by itself.
struct Packet {
  Buffer header;
  Buffer payload;
  Buffer whole;
};

Packet make_packet(std::uint16_t sequence, std::size_t size, bool marker, std::uint8_t transport_number) {
  const std::array<std::uint8_t, 2> number{7, transport_number};
  const std::array<std::uint8_t, 2> zero{};
  const auto write = [&](Bytes value) {
    rtp::ElementList elements;
    elements.add(mid_id, as_bytes("1"));
    elements.add(transport_cc_id, value);
    const rtp::Header header{{96}, marker, sequence, 90u * sequence, protected_stream, size % 3 == 0};
    Buffer bytes(rtp::maximum_header);
    bytes.resize(rtp::write_header(header, elements, bytes));
    return bytes;
  };
  Packet packet{write(number), Buffer(size), write(zero)};
  for (std::size_t i = 0; i < size; ++i) packet.payload[i] = static_cast<std::uint8_t>(sequence * 31u + i * 7u);
  packet.whole.insert(packet.whole.end(), packet.payload.begin(), packet.payload.end());
  return packet;
}

using Packets = std::map<std::uint16_t, Buffer>;

struct Repair {
  std::vector<std::uint16_t> sequences;
  Buffer recovered_fields;  ///< flags, length, timestamp
  Buffer bytes;
};

/// Reads the header as the draft has it.
Repair read(Bytes repair) {
  Repair result;
  Reader reader(repair);
  const Bytes fields = reader.take(8);
  result.recovered_fields.assign(fields.begin(), fields.end());
  CHECK((fields[0] & 0xC0) == 0);
  CHECK(reader.u8() == 1);
  CHECK(reader.u24() == 0);
  CHECK(reader.u32() == protected_stream.value);
  const std::uint16_t base = reader.u16();
  std::uint16_t offset = 0;
  const auto read_mask = [&](std::uint64_t bits, int count) {
    for (int bit = count - 1; bit >= 0; --bit, ++offset)
      if (bits >> bit & 1) result.sequences.push_back(static_cast<std::uint16_t>(base + offset));
    return (bits >> count & 1) != 0;
  };
  if (!read_mask(reader.u16(), 15) && !read_mask(reader.u32(), 31)) CHECK(read_mask(reader.u64(), 63));
  REQUIRE(reader.ok());
  result.bytes.assign(reader.rest().begin(), reader.rest().end());
  return result;
}

/// The one packet of the row that is not among the received ones; nothing when none or several are missing.
std::optional<std::pair<std::uint16_t, Buffer>> recover(const Repair& repair, const Packets& received) {
  std::optional<std::uint16_t> missing;
  Buffer fields = repair.recovered_fields;
  Buffer bytes = repair.bytes;
  for (const auto sequence : repair.sequences) {
    const auto found = received.find(sequence);
    if (found == received.end()) {
      if (missing) return {};
      missing = sequence;
      continue;
    }
    const Buffer& packet = found->second;
    fields[0] ^= static_cast<std::uint8_t>(packet[0] & 0x3F);
    fields[1] ^= packet[1];
    fields[2] ^= static_cast<std::uint8_t>((packet.size() - 12) >> 8);
    fields[3] ^= static_cast<std::uint8_t>(packet.size() - 12);
    for (std::size_t i = 4; i < 8; ++i) fields[i] ^= packet[i];
    for (std::size_t i = 12; i < packet.size(); ++i) bytes[i - 12] ^= packet[i];
  }
  if (!missing) return {};
  Buffer whole(12);
  Writer writer(whole);
  writer.u8(0x80 | fields[0]).u8(fields[1]).u16(*missing).bytes(Bytes(fields).subspan(4)).u32(protected_stream.value);
  const std::size_t length = static_cast<std::size_t>(fields[2] << 8 | fields[3]);
  REQUIRE(length <= bytes.size());
  whole.insert(whole.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
  return std::pair(*missing, whole);
}

struct Stream {
  explicit Stream(const FlexfecProtection& protection) : encoder(protected_stream, protection) {}

  void send(std::uint16_t sequence, std::size_t size, bool marker = false, Duration now = {}) {
    const Packet packet = make_packet(sequence, size, marker, static_cast<std::uint8_t>(sequence));
    sent[sequence] = packet.whole;
    encoder.add(at(now), packet.header, packet.payload, extension_ids());
    while (const auto repair = encoder.take()) repairs.push_back(read(*repair));
  }
  /// What can be recovered when these are lost.
  Packets recovered(const std::vector<std::uint16_t>& lost) const {
    Packets received = sent;
    for (const auto sequence : lost) received.erase(sequence);
    Packets result;
    for (const auto& repair : repairs)
      if (auto packet = recover(repair, received)) result.insert(*packet);
    return result;
  }

  FlexfecEncoder encoder;
  Packets sent;
  std::vector<Repair> repairs;
};

}  // namespace

TEST_CASE("each single packet of a row is made again, byte for byte") {
  const std::size_t packets = GENERATE(1u, 2u, 5u, 12u, 24u);
  Stream stream({.packets = packets});
  for (std::uint16_t i = 0; i < packets; ++i) stream.send(static_cast<std::uint16_t>(65530 + i), 40 + 37u * i % 1100, i % 4 == 3);
  REQUIRE(stream.repairs.size() == 1);
  for (const auto& [sequence, bytes] : stream.sent) {
    CAPTURE(packets, sequence);
    CHECK(stream.recovered({sequence}) == Packets{{sequence, bytes}});
  }
}

TEST_CASE("of two losses in one row nothing is made up") {
  Stream stream({.packets = 5});
  for (std::uint16_t i = 0; i < 5; ++i) stream.send(i, 500);
  CHECK(stream.recovered({1, 2}).empty());
}

TEST_CASE("interleaved rows repair as many losses side by side") {
  Stream stream({.packets = 6, .interleave = 3});
  for (std::uint16_t i = 0; i < 18; ++i) stream.send(i, 300 + i);
  CHECK(stream.repairs.size() == 3);
  for (std::uint16_t first = 0; first <= 15; ++first) {
    const auto second = static_cast<std::uint16_t>(first + 1), third = static_cast<std::uint16_t>(first + 2);
    CHECK(stream.recovered({first, second, third}) ==
          Packets{{first, stream.sent[first]}, {second, stream.sent[second]}, {third, stream.sent[third]}});
  }
}

TEST_CASE("rows with gaps use the longer masks, and a gap that no mask can express begins a new row") {
  const auto [step, repairs] = GENERATE(std::pair{1, 1}, std::pair{4, 1}, std::pair{5, 1}, std::pair{15, 1}, std::pair{36, 1},
                                        std::pair{40, 0}, std::pair{109, 0});
  Stream stream({.packets = 4});
  for (int i = 0; i < 4; ++i) stream.send(static_cast<std::uint16_t>(1000 + i * step), 100);
  CAPTURE(step);
  REQUIRE(stream.repairs.size() == static_cast<std::size_t>(repairs));
  if (repairs == 1) CHECK(stream.recovered({1000}) == Packets{{1000, stream.sent[1000]}});
}

TEST_CASE("a row that is half full is finished with the picture when it gets old") {
  Stream stream({.packets = 12});
  for (std::uint16_t i = 0; i < 5; ++i) stream.send(i, 200, i == 4, milliseconds(100));
  stream.send(5, 200, false, milliseconds(200));
  CHECK(stream.repairs.empty());
  stream.send(6, 200, true, milliseconds(200));
  REQUIRE(stream.repairs.size() == 1);
  CHECK(stream.repairs[0].sequences.size() == 7);
}

TEST_CASE("late, oversized and broken packets are not protected") {
  Stream stream({.packets = 2});
  stream.send(10, 100);
  stream.send(9, 100);
  stream.encoder.add(at({}), Buffer(11), {}, extension_ids());
  stream.encoder.add(at({}), Buffer(rtp::maximum_header + 1), {}, extension_ids());
  stream.encoder.add(at({}), Buffer(12, 0x80), Buffer(FlexfecEncoder::largest_protected + 1), extension_ids());
  CHECK_FALSE(stream.encoder.take());
  stream.send(11, 100);
  REQUIRE(stream.repairs.size() == 1);
  CHECK(stream.repairs[0].sequences == std::vector<std::uint16_t>{10, 11});
}

TEST_CASE("with protection that follows it, most random loss is repaired") {
  const double loss = GENERATE(0.02, 0.05, 0.1);
  FlexfecSwitch control;
  for (int second = 0; second < 20; ++second) control.receive(at(seconds(second)), loss);
  REQUIRE(control.protection());
  Stream stream(*control.protection());
  Random random = Random::from_number(5);
  std::vector<std::uint16_t> lost;
  for (std::uint16_t i = 0; i < 6000; ++i) {
    stream.send(i, 1000, i % 5 == 4, milliseconds(33) * (i / 5));
    if (random.uniform() < loss) lost.push_back(i);
  }
  const auto recovered = stream.recovered(lost);
  CAPTURE(loss, stream.repairs.size(), lost.size(), recovered.size());
  CHECK(static_cast<double>(recovered.size()) > 0.6 * static_cast<double>(lost.size()));
  CHECK(static_cast<double>(stream.repairs.size()) < (0.04 + 3.5 * loss) * 6000);
}

TEST_CASE("protection begins after three seconds of loss and ends after ten without") {
  FlexfecSwitch control;
  Duration now{};
  const auto report = [&](double loss, Duration length) {
    for (const Duration end = now + length; now < end; now += milliseconds(500)) control.receive(at(now), loss);
    return control.protection().has_value();
  };
  CHECK_FALSE(report(0, seconds(10)));
  CHECK_FALSE(report(0.005, seconds(60)));
  CHECK_FALSE(report(0.03, seconds(2)));
  CHECK_FALSE(report(0, seconds(10)));
  CHECK(report(0.03, seconds(5)));
  CHECK(report(0.005, seconds(60)));
  CHECK(report(0, seconds(9)));
  CHECK_FALSE(report(0, seconds(10)));
}

TEST_CASE("a few losses of a slow stream count too") {
  FlexfecSwitch control;
  bool on = false;
  for (int second = 0; second < 60 && !on; ++second) {
    control.receive(at(seconds(second)), second % 5 == 0 ? 0.1 : 0);
    on = control.protection().has_value();
  }
  CHECK(on);
}

TEST_CASE("more loss means more protection, within its bounds") {
  std::size_t before = FlexfecEncoder::longest_row;
  for (const double loss : {0.015, 0.05, 0.1, 0.5, 1.0}) {
    FlexfecSwitch control;
    for (int second = 0; second < 20; ++second) control.receive(at(seconds(second)), loss);
    REQUIRE(control.protection());
    CHECK(control.protection()->packets <= before);
    CHECK(control.protection()->packets >= 2);
    before = control.protection()->packets;
  }
}
