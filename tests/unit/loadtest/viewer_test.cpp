#include "loadtest/viewer.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "loadtest/clips/film.hpp"
#include "loadtest/clips/marking.hpp"
#include "loadtest/ntp.hpp"
#include "loadtest/received_track.hpp"
#include "tests/unit/loadtest/clips.hpp"

using namespace parley;
using namespace parley::loadtest;

namespace {

constexpr Time start{seconds(1000)};
constexpr Ssrc media_ssrc{77};
constexpr Ssrc retransmission_ssrc{78};

sdp::Section section(rtp::Codec codec) {
  sdp::Section section;
  section.kind = rtp::is_video(codec) ? sdp::Kind::video : sdp::Kind::audio;
  const std::string name = codec == rtp::Codec::vp8    ? "VP8"
                           : codec == rtp::Codec::vp9  ? "VP9"
                           : codec == rtp::Codec::h264 ? "H264"
                                                       : "opus";
  sdp::Codec described;
  described.name = name;
  described.clock_rate = rtp::clock_rate(codec);
  described.payload_type = {96};
  described.rtx = PayloadType{97};
  section.codecs = {described};
  section.streams = {{media_ssrc, retransmission_ssrc, "cname"}};
  return section;
}

struct Packet {
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  bool marker = false;
  Buffer payload;
};

/// A publisher of a clip, and two viewers: one decodes everything, the other only counts.
class Show {
 public:
  explicit Show(const std::string& name, std::size_t layer = 0) : Show(load_clip(name), layer) {}
  explicit Show(Clip played, std::size_t layer = 0)
      : clip(std::move(played)),
        layer_(layer),
        source(player(clip, 1)),
        viewer(TrackId{1}, section(clip.codec()), {.content = Scrutiny::Content::clips}),
        counter(TrackId{1}, section(clip.codec()), {.one_in = 0, .content = Scrutiny::Content::clips}) {
    source.start(now);
  }

  /// The packets of the frames of the next time, each a millisecond after it was filmed.
  std::vector<Packet> film(Duration duration) {
    std::vector<Packet> packets;
    for (const Time end = now + duration; now < end; now += milliseconds(1)) {
      std::vector<Frame> frames;
      source.advance(now, frames);
      for (const auto& frame : frames) {
        if (frame.layer != layer_) continue;
        for (const auto& payload : frame.payloads) {
          const bool marker = viewer.kind() == control::Kind::video && &payload == &frame.payloads.back();
          packets.push_back({sequence_++, 500 + frame.timestamp, marker, whole(payload)});
        }
      }
    }
    return packets;
  }
  void receive(const Packet& packet) {
    rtp::PacketView view = look(packet);
    viewer.receive(now, view, packet.payload.size(), drops);
    view.payload = Bytes(cipher_).first(packet.payload.size());
    counter.count(now, view, packet.payload.size(), drops);
  }
  void repair(const Packet& packet) {
    Packet repair = packet;
    repair.payload.insert(repair.payload.begin(),
                          {static_cast<std::uint8_t>(packet.sequence >> 8), static_cast<std::uint8_t>(packet.sequence)});
    repair.sequence = repairs_++;
    rtp::PacketView view = look(repair);
    view.ssrc = retransmission_ssrc;
    view.payload_type = {97};
    viewer.receive(now, view, packet.payload.size(), drops);
    counter.receive(now, view, packet.payload.size(), drops);
  }
  /// Plays for a while; change() may alter or empty what is sent: an empty payload is lost. Key frames are sent when asked for.
  template <typename Change>
  void play(Duration duration, Change change) {
    for (const Time end = now + duration; now < end;) {
      for (auto& packet : film(milliseconds(20))) {
        change(packet);
        if (!packet.payload.empty()) receive(packet);
      }
      media::NackRequest nack;
      std::vector<Ssrc> keyframes;
      viewer.advance(now, nack, keyframes);
      if (!keyframes.empty()) source.request_keyframe(), ++keyframe_requests;
    }
  }
  void play(Duration duration) {
    play(duration, [](Packet&) {});
  }
  const Quality& seen() const { return viewer.quality(); }
  const Quality& counted() const { return counter.quality(); }
  bool flawless() const { return seen().damaged == 0 && seen().misplaced == 0 && seen().missing == 0; }

  Clip clip;
  Time now = start;
  Drops drops;
  int keyframe_requests = 0;

 private:
  static rtp::PacketView look(const Packet& packet) {
    rtp::PacketView view;
    view.payload_type = {96};
    view.marker = packet.marker;
    view.sequence = packet.sequence;
    view.timestamp = packet.timestamp;
    view.ssrc = media_ssrc;
    view.payload = packet.payload;
    return view;
  }
  std::size_t layer_;
  std::uint16_t sequence_ = 65400;  // rolls over during the test
  std::uint16_t repairs_ = 0;
  Buffer cipher_ = Buffer(1500, 0xAA);

 public:
  Source source;
  ReceivedTrack viewer;
  ReceivedTrack counter;
};

const char* any_clip() { return GENERATE("vp8", "vp9", "h264", "opus"); }
const char* any_video() { return GENERATE("vp8", "vp9", "h264"); }

}  // namespace

TEST_CASE("a clip that comes whole is flawless, round after round, and whoever only counts agrees") {
  Show show(any_clip());
  show.play(seconds(25));
  CHECK(show.flawless());
  CHECK(show.seen().frames == (show.viewer.kind() == control::Kind::audio ? 1250 : 625));
  CHECK(show.seen().verified == show.seen().packets);
  CHECK(show.seen().freezes == 0);
  CHECK(show.counted().verified == 0);
  CHECK(show.counted().frames == show.seen().frames);
  CHECK(show.counted().packets == show.seen().packets);
  CHECK(show.counted().octets == show.seen().octets);
  CHECK(show.counted().first_frame == show.seen().first_frame);
  CHECK(show.counted().last_frame == show.seen().last_frame);
}

TEST_CASE("each layer of a simulcast clip can be watched") {
  const std::size_t layer = GENERATE(0, 1, 2);
  Show show(GENERATE("vp8-simulcast", "h264-simulcast"), layer);
  show.play(seconds(5));
  CHECK(show.flawless());
  CHECK(show.seen().frames == 125);
}

TEST_CASE("packets out of order, twice, or lost and repaired make no difference to what is seen") {
  Show show(any_video());
  std::deque<Packet> late;
  std::vector<Packet> lost;
  int number = 0;
  show.play(seconds(10), [&](Packet& packet) {
    if (number % 40 == 7) show.receive(packet);
    if (number % 30 == 5) {
      late.push_back(packet);
      packet.payload.clear();
    } else if (number % 50 == 11) {
      lost.push_back(packet);
      packet.payload.clear();
    } else if (!late.empty()) {
      show.receive(packet);
      packet = late.front();
      late.pop_front();
    }
    if (number++ % 50 == 14 && !lost.empty()) show.repair(lost.back());
  });
  CHECK(show.seen().damaged == 0);
  CHECK(show.seen().misplaced == 0);
  CHECK(show.seen().repaired >= 4);
  CHECK(show.seen().missing <= 1);
  CHECK(show.seen().frames >= 248);
  CHECK(show.counted().frames == show.seen().frames);
  CHECK(show.counted().repaired == show.seen().repaired);
}

TEST_CASE("after a hole that nobody repairs the picture stands until the key frame that was asked for") {
  Show show(any_video());
  show.play(seconds(2));
  bool lost = false;
  const int requests = show.keyframe_requests;
  show.play(seconds(5), [&](Packet& packet) {
    if (!lost) packet.payload.clear();
    lost = true;
  });
  CHECK(show.seen().missing == 1);
  CHECK(show.seen().damaged == 0);
  CHECK(show.seen().misplaced == 0);
  CHECK(show.seen().freezes == 1);
  CHECK(show.seen().frozen > FrameBuffer::video_patience);
  CHECK(show.seen().frozen < FrameBuffer::video_patience + milliseconds(600));
  CHECK(show.keyframe_requests > requests);
  CHECK(show.now - *show.seen().last_frame < milliseconds(100));
}

TEST_CASE("a hole in the sound is not held against what follows") {
  Show show("opus");
  show.play(seconds(2));
  int number = 0;
  show.play(seconds(5), [&](Packet& packet) {
    if (number++ % 20 == 3) packet.payload.clear();
  });
  CHECK(show.seen().missing == 13);
  CHECK(show.seen().damaged == 0);
  CHECK(show.seen().misplaced == 0);
  CHECK(show.seen().frames >= 350 - 13 - 6);  // the last ones may still wait
}

TEST_CASE("a frame that comes again in the place of another is noticed") {
  const std::string name = any_clip();
  Show show(name);
  show.play(seconds(1));
  const auto packets = show.film(milliseconds(400));
  // Whole frames: the packets of one timestamp.
  const auto frame = [&](std::size_t index) {
    std::vector<Packet> found;
    const std::uint32_t first = packets.front().timestamp;
    for (const auto& packet : packets)
      if (packet.timestamp == first + index * show.clip.frame_duration()) found.push_back(packet);
    return found;
  };
  std::uint16_t sequence = packets.front().sequence;
  const auto send = [&](std::vector<Packet> frame_packets) {
    for (auto& packet : frame_packets) {
      packet.sequence = sequence++;
      show.receive(packet);
      show.now += milliseconds(1);
    }
  };
  send(frame(0));
  SECTION("repeated") {
    send(frame(0));
    send(frame(1));
  }
  SECTION("left out") { send(frame(2)); }
  SECTION("swapped") {
    send(frame(2));
    send(frame(1));
    send(frame(3));
  }
  CHECK(show.seen().misplaced + show.seen().damaged >= 1);
  CHECK(show.seen().missing == 0);
}

TEST_CASE("numbers that do not follow each other are noticed, even when every frame can be decoded") {
  const auto codec = GENERATE(rtp::Codec::vp8, rtp::Codec::vp9, rtp::Codec::h264);
  struct Case {
    std::vector<std::uint32_t> numbers;
    std::size_t second_keyframe;
    std::uint64_t misplaced;
  };
  const auto example = GENERATE(Case{{0, 1, 2, 3, 4, 5}, 9, 0}, Case{{0, 1, 2, 2, 3, 4}, 9, 1}, Case{{0, 1, 2, 4, 5, 6}, 9, 1},
                                Case{{0, 1, 3, 2, 4, 5}, 9, 3}, Case{{0, 1, 2, 50, 51, 52}, 3, 0}, Case{{0, 1, 2, 7, 8, 9}, 3, 1},
                                Case{{0, 1, 2, 0, 1, 2}, 3, 0});
  ClipContent content{.codec = codec, .frame_duration = 3600, .layers = {{160, 90}}, .frames = {}};
  const auto encoder = make_video_encoder(codec, {160, 90, 25, 200});
  for (std::size_t i = 0; i < example.numbers.size(); ++i) {
    Picture picture(160, 90);
    film(example.numbers[i], picture);
    const bool keyframe = i == 0 || i == example.second_keyframe;
    content.frames.push_back({keyframe, encoder->encode(picture, keyframe)});
  }
  Show show(std::move(make_clip(std::move(content))).value());
  show.play(milliseconds(6 * 40));
  CHECK(show.seen().frames == 6);
  CHECK(show.seen().damaged == 0);
  CHECK(show.seen().misplaced == example.misplaced);
}

TEST_CASE("a key frame right behind a hole is shown") {
  Show show(any_video());
  show.play(seconds(1));
  int last_packet = 0;
  const auto packets = show.film(milliseconds(2800));
  for (const auto& packet : packets) {
    const bool before_keyframe = (packet.timestamp - 500) / 3600 == frames_per_group - 1 && packet.marker;
    if (before_keyframe) ++last_packet;
    if (!before_keyframe) show.receive(packet);
    show.now += milliseconds(10);
  }
  REQUIRE(last_packet == 1);
  CHECK(show.seen().damaged == 0);
  CHECK(show.seen().misplaced == 0);
  CHECK(show.seen().frames == 25 + 70 - 1);
}

TEST_CASE("a damaged packet is noticed") {
  Show show(any_clip());
  show.play(seconds(1));
  const bool sound = show.viewer.kind() == control::Kind::audio;
  int number = 0;
  show.play(seconds(3), [&](Packet& packet) {
    // Sound is compared by ear, so it takes more than a few bytes.
    if (number++ >= 10 && number <= 16)
      for (std::size_t at = sound ? 1 : packet.payload.size() / 2; at < packet.payload.size(); ++at) packet.payload[at] ^= 0x5A;
  });
  CHECK(show.seen().damaged + show.seen().misplaced >= 1);
  CHECK(show.seen().missing == 0);
}

TEST_CASE("the delay counts from the moment of capture, by the publisher's clock") {
  Show show(GENERATE("vp8", "opus"));
  show.play(milliseconds(100));
  CHECK(show.seen().delay.count() == 0);
  rtp::SenderReport report;
  report.sender = media_ssrc;
  report.ntp = to_ntp(start);
  report.timestamp = 500;
  show.viewer.receive(show.now, report);
  const auto packets = show.film(milliseconds(40));
  show.now = start + milliseconds(100 + 250);
  for (const auto& packet : packets)
    if (packet.timestamp == packets[0].timestamp) show.receive(packet);
  REQUIRE(show.seen().delay.count() == 1);
  const std::uint64_t captured = show.viewer.kind() == control::Kind::audio ? 100 : 120;
  CHECK(show.seen().delay.largest() == Approx(double(350 - captured) * 1000).margin(2));
}

TEST_CASE("a request makes the next frame the first of a group, in every layer") {
  const auto clip = load_clip("vp8-simulcast");
  Source source(player(clip, 0));
  source.start(start);
  std::vector<Frame> frames;
  for (Time now = start; now <= start + milliseconds(400); now += milliseconds(40)) source.advance(now, frames);
  REQUIRE(frames.size() == 33);
  for (std::size_t i = 0; i < frames.size(); ++i) CHECK(frames[i].keyframe == (i < 3));
  source.request_keyframe();
  frames.clear();
  source.advance(start + milliseconds(440), frames);
  REQUIRE(frames.size() == 3);
  for (const auto& frame : frames) {
    CHECK(frame.keyframe);
    CHECK(frame.timestamp == 11 * 3600);
    CHECK(whole(frame.payloads[0]).size() > 20);
  }
}

TEST_CASE("time goes through sender reports and back") {
  for (const Time time : {start, Time{seconds(1'795'000'000) + nanoseconds(123'456'789)}})
    CHECK(std::chrono::abs(from_ntp(to_ntp(time)) - time) <= nanoseconds(1));
}
