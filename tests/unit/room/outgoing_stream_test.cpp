// What one receiver's stream looks like on the wire: redundant audio, and repair packets while it loses media.

#include "sfu/room/outgoing_stream.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "sfu/rtp/payload/red.hpp"

using namespace parley;
using namespace parley::room;

namespace {

constexpr Ssrc media_ssrc{100}, repair_ssrc{102};
constexpr PayloadType opus{111}, red{63}, vp8{96}, flexfec{49};

Time at(Duration since) { return Time(seconds(1) + since); }

/// Keeps what would have been encrypted.
struct OpenWire : transport::Wire {
  bool ready() const override { return true; }
  void send_rtp(Time, Bytes header, Bytes payload, Outbox&) override {
    Buffer& packet = packets.emplace_back(header.begin(), header.end());
    packet.insert(packet.end(), payload.begin(), payload.end());
  }
  void send_rtcp(Time, Bytes, Outbox&) override {}

  std::vector<Buffer> of(Ssrc ssrc) const {
    std::vector<Buffer> result;
    for (const auto& packet : packets)
      if (rtp::parse(packet)->ssrc == ssrc) result.push_back(packet);
    return result;
  }

  std::vector<Buffer> packets;
};

sdp::SendSection section(sdp::Kind kind) {
  sdp::SendSection section;
  section.mid = std::string("0");
  section.kind = kind;
  section.ssrc = media_ssrc;
  if (kind == sdp::Kind::video) {
    section.flexfec = flexfec;
    section.flexfec_ssrc = repair_ssrc;
  }
  return section;
}

struct Sending {
  explicit Sending(const sdp::SendSection& section) : stream(section, 48000, downlink, random) { stream.update(section); }

  media::MediaPacket packet(Sequence sequence, Bytes payload) {
    media::MediaPacket packet;
    packet.ssrc = Ssrc{7};
    packet.payload_type = {20};
    packet.sequence = sequence;
    packet.timestamp = 960 * sequence;
    packet.marker = sequence % 4 == 3;
    packet.arrival = at(milliseconds(20) * sequence);
    packet.payload = payload;
    if (!started) stream.start(packet.arrival, packet, {});
    started = true;
    return packet;
  }
  void report_loss(Duration now, double share) {
    rtp::ReportBlock block;
    block.source = media_ssrc;
    block.fraction_lost = static_cast<std::uint8_t>(share * 256);
    stream.receive(at(now), block);
  }

  Random random = Random::from_number(1);
  room::Downlink downlink;
  OutgoingStream stream;
  OpenWire wire;
  Outbox out;
  bool started = false;
};

}  // namespace

TEST_CASE("a receiver that prefers RED gets each Opus packet with the one before it") {
  Sending sending(section(sdp::Kind::audio));
  OutgoingPayload payload{.type = opus, .rtx = {}, .red_block = {}, .red = red};
  const auto first = sending.packet(1, as_bytes("one"));
  const auto second = sending.packet(2, as_bytes("two"));
  media::SentRecord record;
  REQUIRE(sending.stream.translate(at({}), first, record));
  sending.stream.send_redundant(at({}), record, first, nullptr, payload, sending.wire, sending.out);
  REQUIRE(sending.stream.translate(at({}), second, record));
  sending.stream.send_redundant(at({}), record, second, &first, payload, sending.wire, sending.out);

  REQUIRE(sending.wire.packets.size() == 2);
  const auto begin = rtp::parse(sending.wire.packets[0]);
  const auto next = rtp::parse(sending.wire.packets[1]);
  CHECK(begin->payload_type == red);
  CHECK(as_text(begin->payload.subspan(1)) == "one");
  CHECK(next->sequence == begin->sequence + 1);
  CHECK(next->timestamp == begin->timestamp + 960);
  const auto blocks = rtp::parse_red(next->payload);
  REQUIRE(blocks);
  CHECK(blocks->redundant == 1);
  CHECK(blocks->primary_type == opus);
  CHECK(as_text(blocks->primary) == "two");
  CHECK(as_text(next->payload.subspan(5, 3)) == "one");
}

TEST_CASE("repair packets flow while the receiver loses media, and one of them restores what was sent") {
  Sending sending(section(sdp::Kind::video));
  const OutgoingPayload payload{.type = vp8, .rtx = {}, .red_block = {}};
  Sequence sequence = 0;
  const auto send = [&](Duration until) {
    for (; milliseconds(20) * sequence < until; ++sequence) {
      const Buffer content(static_cast<std::size_t>(300 + sequence % 7), static_cast<std::uint8_t>(sequence));
      const auto packet = sending.packet(sequence, content);
      media::SentRecord record;
      REQUIRE(sending.stream.translate(packet.arrival, packet, record));
      REQUIRE(sending.stream.send(packet.arrival, record, packet, payload, sending.wire, sending.out));
    }
  };
  Duration now{};
  const auto live = [&](Duration length, double loss) {
    for (const Duration end = now + length; now < end; now += seconds(1)) {
      sending.report_loss(now, loss);
      send(now + seconds(1));
    }
  };
  live(seconds(10), 0);
  CHECK(sending.wire.of(repair_ssrc).empty());
  CHECK_FALSE(sending.stream.repairs());
  live(seconds(10), 0.05);
  CHECK(sending.stream.repairs());

  const auto repairs = sending.wire.of(repair_ssrc);
  REQUIRE(repairs.size() > 10);
  for (std::size_t i = 0; i < repairs.size(); ++i) {
    CHECK(rtp::parse(repairs[i])->payload_type == flexfec);
    CHECK(rtp::parse(repairs[i])->sequence == static_cast<std::uint16_t>(rtp::parse(repairs[0])->sequence + i));
  }
  // The payload of the row's first packet, out of the others of the row.
  const Bytes repair = rtp::parse(repairs.back())->payload;
  const auto base = static_cast<std::uint16_t>(repair[16] << 8 | repair[17]);
  const unsigned mask = static_cast<unsigned>(repair[18] << 8 | repair[19]);
  REQUIRE((mask & 0x8000) != 0);
  std::map<std::uint16_t, Buffer> sent;
  for (const auto& packet : sending.wire.of(media_ssrc)) sent[rtp::parse(packet)->sequence] = packet;
  Buffer bytes(repair.begin() + 20, repair.end());
  for (std::uint16_t bit = 1; bit < 15; ++bit)
    if (mask >> (14 - bit) & 1)
      for (std::size_t i = 12; i < sent.at(static_cast<std::uint16_t>(base + bit)).size(); ++i)
        bytes[i - 12] ^= sent.at(static_cast<std::uint16_t>(base + bit))[i];
  const Buffer& lost = sent.at(base);
  CHECK(std::equal(lost.begin() + 12, lost.end(), bytes.begin()));

  live(seconds(30), 0);
  CHECK_FALSE(sending.stream.repairs());
}

TEST_CASE("a receiver that takes no FlexFEC gets none, whatever it loses") {
  auto without = section(sdp::Kind::video);
  without.flexfec.reset();
  Sending sending(without);
  for (int second = 0; second < 20; ++second) sending.report_loss(seconds(second), 0.1);
  CHECK_FALSE(sending.stream.repairs());
}
