#include "loadtest/received_track.hpp"

#include <catch2/catch.hpp>

#include "loadtest/source.hpp"
#include "tests/unit/loadtest/clips.hpp"

using namespace parley;
using namespace parley::loadtest;

namespace {

constexpr Time start{seconds(1000)};
constexpr Ssrc media_ssrc{77};
constexpr Ssrc retransmission_ssrc{78};
constexpr std::size_t header_octets = 28;

sdp::Section section(control::Kind kind) {
  sdp::Section section;
  section.kind = kind == control::Kind::audio ? sdp::Kind::audio : sdp::Kind::video;
  sdp::Codec codec;
  codec.clock_rate = kind == control::Kind::audio ? 48000 : 90000;
  codec.payload_type = {96};
  codec.rtx = PayloadType{97};
  section.codecs = {codec};
  section.streams = {{media_ssrc, retransmission_ssrc, "cname"}};
  return section;
}

/// What a publisher sends, and two viewers of it: one looks into every packet, the other into one of ten.
class Call {
 public:
  explicit Call(SourceSettings settings)
      : kind_(settings.kind),
        source_(std::move(settings)),
        strict(TrackId{1}, section(kind_)),
        lean(TrackId{1}, section(kind_), {.one_in = 10}) {
    source_.start(now);
  }
  struct Packet {
    rtp::PacketView view;
    Buffer payload;
  };
  /// The packets of the next frames.
  std::vector<Packet> film(Duration duration) {
    std::vector<Packet> packets;
    for (const Time end = now + duration; now < end; now += milliseconds(1)) {
      std::vector<Frame> frames;
      source_.advance(now, frames);
      for (const auto& frame : frames)
        for (const auto& payload : frame.payloads) packets.push_back(make_packet(frame, payload));
    }
    return packets;
  }
  void send(const Packet& packet) {
    rtp::PacketView view = packet.view;
    view.payload = packet.payload;
    strict.receive(now, view, octets(packet), drops);
    if (lean.needs_content(view.ssrc)) {
      lean.receive(now, view, octets(packet), drops);
    } else {
      view.payload = Bytes(cipher).first(packet.payload.size());
      lean.count(now, view, octets(packet), drops);
    }
  }
  /// As a repair, over the other SSRC.
  void repair(const Packet& packet) {
    Packet repair = packet;
    repair.view.ssrc = retransmission_ssrc;
    repair.view.payload_type = {97};
    repair.view.sequence = repairs_++;
    std::array<std::uint8_t, 2> original;
    Writer(original).u16(packet.view.sequence);
    repair.payload.insert(repair.payload.begin(), original.begin(), original.end());
    send(repair);
  }
  void compare() const {
    const Quality& exact = strict.quality();
    const Quality& counted = lean.quality();
    CHECK(counted.packets == exact.packets);
    CHECK(counted.octets == exact.octets);
    CHECK(counted.missing == exact.missing);
    CHECK(counted.repaired == exact.repaired);
    CHECK(counted.frames == exact.frames);
    CHECK(counted.freezes == exact.freezes);
    CHECK(counted.frozen == exact.frozen);
    CHECK(counted.first_packet == exact.first_packet);
    CHECK(counted.first_frame == exact.first_frame);
    CHECK(counted.last_frame == exact.last_frame);
    CHECK(counted.damaged == 0);
    CHECK(counted.misplaced == 0);
    CHECK(exact.damaged == 0);
    CHECK(exact.misplaced == 0);
  }

  Time now = start;
  Drops drops;

 private:
  std::size_t octets(const Packet& packet) const { return header_octets + packet.payload.size(); }
  Packet make_packet(const Frame& frame, const Payload& payload) {
    rtp::PacketView view;
    view.payload_type = {96};
    view.marker = kind_ == control::Kind::video && &payload == &frame.payloads.back();
    view.sequence = sequence_++;
    view.timestamp = frame.timestamp;
    view.ssrc = media_ssrc;
    return {view, whole(payload)};
  }

  control::Kind kind_;
  Source source_;
  std::uint16_t sequence_ = 65000;  // rolls over during the test
  std::uint16_t repairs_ = 0;
  Buffer cipher = Buffer(1500, 0xAA);

 public:
  ReceivedTrack strict;
  ReceivedTrack lean;
};

}  // namespace

TEST_CASE("whoever counts headers comes to the same numbers as whoever looks into every packet") {
  Call call(GENERATE(camera(), microphone()));
  std::size_t sent = 0;
  for (const auto& packet : call.film(seconds(20))) call.send(packet), ++sent;
  call.compare();
  CHECK(call.strict.quality().packets == sent);
  CHECK(call.strict.quality().verified == sent);
  CHECK(call.lean.quality().verified == (sent + 9) / 10);
  CHECK(call.strict.quality().frames == (call.strict.kind() == control::Kind::audio ? 1000 : 300));
}

TEST_CASE("packets out of order, twice or repaired are counted as they are shown") {
  Call call(camera());
  auto packets = call.film(seconds(10));
  std::swap(packets[20], packets[21]);
  std::swap(packets[40], packets[43]);
  packets.insert(packets.begin() + 60, packets[57]);
  const auto lost = packets[100];
  packets.erase(packets.begin() + 100);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    call.send(packets[i]);
    if (i == 110) {
      call.compare();
      CHECK(call.lean.quality().missing == 1);
      call.repair(lost);
    }
    call.now += milliseconds(10);
  }
  call.compare();
  CHECK(call.lean.quality().missing == 0);
  CHECK(call.lean.quality().repaired == 1);
  CHECK(call.lean.quality().frames == 150);
}

TEST_CASE("a hole that nobody repairs is a freeze, and a key frame is asked for") {
  Call call(camera());
  const auto packets = call.film(seconds(10));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i != 101) call.send(packets[i]);
    call.now += milliseconds(33);
  }
  CHECK(call.lean.quality().missing == 1);
  CHECK(call.lean.quality().freezes == 1);
  CHECK(call.lean.quality().frozen > Tally::patience);
  CHECK(call.lean.quality().frames == 149);
  media::NackRequest nack;
  std::vector<Ssrc> keyframes;
  call.strict.advance(call.now, nack, keyframes);
  CHECK(keyframes.size() == 1);
}

TEST_CASE("a picture that stands at the end stands in the sum") {
  Call call(camera());
  for (const auto& packet : call.film(seconds(1))) call.send(packet);
  Quality quality = call.lean.quality();
  quality.stand(call.now + milliseconds(400));
  CHECK(quality.freezes == 0);
  quality.stand(call.now + seconds(3));
  CHECK(quality.freezes == 1);
  CHECK(quality.frozen >= seconds(3));
}

TEST_CASE("the delay is the time since the packet was handed to its connection") {
  Call call(microphone());
  for (const auto& packet : call.film(milliseconds(20))) {
    call.now = start + microseconds(12345);
    call.send(packet);
  }
  CHECK(call.strict.quality().delay.count() == 1);
  CHECK(call.strict.quality().delay.largest() == 12345);
  CHECK(call.lean.quality().delay.largest() == 12345);
}

TEST_CASE("damage and somebody else's media are noticed in the packets that are looked into") {
  Call call(camera());
  auto packets = call.film(seconds(2));
  packets[10].payload.back() ^= 1;
  Call other([] {
    auto settings = camera();
    settings.publisher = 9;
    return settings;
  }());
  packets[20].payload = other.film(seconds(2))[20].payload;
  packets[40].payload = packets[13].payload;
  for (const auto& packet : packets) call.send(packet);
  CHECK(call.lean.quality().damaged == 1);
  CHECK(call.lean.quality().misplaced == 2);
  CHECK(call.strict.quality().damaged == 1);
  CHECK(call.strict.quality().misplaced >= 2);
}

TEST_CASE("the packets of a track that begins anew far away are shown after one frame") {
  Tally tally(control::Kind::video);
  Quality quality;
  for (Sequence sequence = 70000; sequence < 70010; ++sequence) tally.receive(start, sequence, true, quality);
  for (Sequence sequence = 80000; sequence < 80010; ++sequence) tally.receive(start, sequence, true, quality);
  CHECK(quality.frames == 19);
}

TEST_CASE("a packet that comes twice behind a missing one is counted once, and nobody waits for the second") {
  Tally tally(control::Kind::video);
  Quality quality;
  tally.receive(start, 70000, true, quality);
  for (int i = 0; i < 2; ++i) tally.receive(start, 70002, true, quality);
  CHECK(quality.frames == 1);
  CHECK(tally.receive(start + 2 * Tally::patience, 70003, true, quality) == Tally::Outcome::gave_up);
  tally.receive(start + 2 * Tally::patience, 70004, true, quality);
  CHECK(quality.frames == 3);
}

TEST_CASE("a stream whose SSRC the server has not named is known by its payload type, once") {
  auto unnamed = section(control::Kind::video);
  unnamed.streams.clear();
  ReceivedTrack track(TrackId{1}, unnamed);
  CHECK(track.misses({96}));
  CHECK(track.misses({97}));
  CHECK_FALSE(track.misses({98}));
  CHECK(track.learn(media_ssrc, {96}));
  CHECK(track.ssrc() == media_ssrc);
  CHECK_FALSE(track.misses({96}));
  CHECK(track.learn(retransmission_ssrc, {97}));
  CHECK(track.retransmission_ssrc() == retransmission_ssrc);
  CHECK_FALSE(track.learn(Ssrc{79}, {96}));
  CHECK_FALSE(track.learn(Ssrc{79}, {97}));
  CHECK(track.ssrc() == media_ssrc);
}
