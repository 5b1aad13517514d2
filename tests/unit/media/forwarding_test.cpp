// The whole way of a packet through the media layer, with what browsers really sent: statistics, cache, selection, rewriting,
// history.

#include <catch2/catch.hpp>
#include <set>

#include "sfu/media/layer_activity.hpp"
#include "sfu/media/layer_selector.hpp"
#include "sfu/media/packet_cache.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/media/rewriter.hpp"
#include "sfu/media/sender_stats.hpp"
#include "sfu/media/sent_history.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "tests/captures/capture.hpp"
#include "tests/support/allocations.hpp"
#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

struct Source {
  Source(Ssrc ssrc, rtp::Codec kind) : codec(kind), stats(ssrc, rtp::clock_rate(kind)), cache(PacketCache::video_capacity) {}
  rtp::Codec codec;
  ReceiveStats stats;
  PacketCache cache;
};

/// One publication with its layers and one subscriber.
struct Path {
  Path(rtp::Codec codec, const std::vector<std::uint32_t>& ssrcs) : rewriter(rtp::clock_rate(codec), random) {
    for (const auto ssrc : ssrcs) sources.emplace_back(Ssrc{ssrc}, codec);
  }

  struct Sent {
    Rewritten numbers;
    Buffer payload;
    Layer layer;
  };

  std::optional<Sent> forward(Time now, Bytes datagram) {
    const auto view = rtp::parse(datagram);
    if (!view) return {};
    std::size_t layer = 0;
    while (layer < sources.size() && sources[layer].stats.ssrc() != view->ssrc) ++layer;
    if (layer == sources.size()) return {};
    Source& source = sources[layer];
    const auto arrival = source.stats.receive(now, *view);
    if (arrival.drop) return {};
    const auto media = make_media_packet(now, *view, arrival.sequence, arrival.timestamp, source.codec, {});
    if (view->padding_only()) {
      if (forwards(layer)) rewriter.skip(media);
      return {};
    }
    activity.receive(now, Layer{layer});
    const auto* stored = source.cache.store(media);
    if (!stored) return {};
    selector.set_target(Quality{*activity.lowest_active(now), Quality::highest_layer, Quality::highest_layer});
    const auto decision = selector.decide(Layer{layer}, *stored);
    if (decision.action == LayerSelector::Decision::Action::drop) return {};
    if (decision.action == LayerSelector::Decision::Action::skip) return {};
    if (decision.action == LayerSelector::Decision::Action::start) rewriter.start(now, *stored, source.stats.clock());
    Rewritten numbers;
    if (!rewriter.rewrite(now, *stored, numbers)) return {};
    history.add({numbers, stored->sequence, now, stored->ssrc, stored->marker});
    sender.sent(stored->payload.size());
    return send(numbers, *stored, Layer{layer});
  }

  bool forwards(std::size_t layer) const { return selector.current() && selector.current()->encoding == Layer{layer}; }

  std::optional<Sent> send(const Rewritten& numbers, const MediaPacket& packet, Layer layer) {
    const auto edit = edit_payload(packet, numbers);
    Sent sent{numbers, std::move(spare), layer};
    sent.payload.assign(edit.prefix().begin(), edit.prefix().end());
    const Bytes rest = edit.rest(packet.payload);
    sent.payload.insert(sent.payload.end(), rest.begin(), rest.end());
    return sent;
  }

  Random random = Random::from_number(4);
  std::vector<Source> sources;
  LayerActivity activity;
  LayerSelector selector;
  Rewriter rewriter;
  SentHistory history;
  SenderStats sender{Ssrc{99}};
  Buffer spare;
};

std::vector<Path::Sent> forward_capture(Path& path, const std::string& name) {
  auto packets = captures::read(name);
  std::ranges::stable_sort(packets, {}, &captures::CapturedPacket::at);
  std::vector<Path::Sent> sent;
  for (const auto& captured : packets)
    if (auto packet = path.forward(at(captured.at), captures::build(captured))) sent.push_back(std::move(*packet));
  return sent;
}

void check_continuous(const std::vector<Path::Sent>& sent) {
  for (std::size_t i = 1; i < sent.size(); ++i) {
    CHECK(sent[i].numbers.sequence == sent[i - 1].numbers.sequence + 1);
    CHECK(static_cast<std::int32_t>(sent[i].numbers.timestamp - sent[i - 1].numbers.timestamp) >= 0);
  }
}

}  // namespace

TEST_CASE("Chromium's audio is forwarded without its padding, with continuous numbers") {
  Path path(rtp::Codec::opus, {610823726});
  const auto sent = forward_capture(path, "wire-cr-dtx");
  CHECK(sent.size() > 50);
  check_continuous(sent);
}

TEST_CASE("Firefox's audio is forwarded without its padding, with continuous numbers") {
  Path path(rtp::Codec::opus, {465530676});
  const auto sent = forward_capture(path, "wire-ff-dtx");
  CHECK(sent.size() > 50);
  check_continuous(sent);
}

TEST_CASE("of Chromium's simulcast the lowest layer is forwarded") {
  Path path(rtp::Codec::vp8, {2902432194, 963720691, 499924894});
  const auto sent = forward_capture(path, "wire-cr-sim3-vp8-noDD");
  REQUIRE(sent.size() == 5);
  check_continuous(sent);
  for (const auto& packet : sent) CHECK(packet.layer == Layer{0});
}

TEST_CASE("when the lowest layer stops, the next one goes on as the same stream") {
  auto packets = captures::read("wire-cr-remb");
  const auto low = captures::of_ssrc(packets, 3543492697), high = captures::of_ssrc(packets, 2870900837);
  REQUIRE(low.size() == 12);
  REQUIRE(high.size() == 12);
  Path path(rtp::Codec::vp8, {3543492697, 2870900837});
  std::vector<Path::Sent> sent;
  for (const auto& captured : low)
    if (auto packet = path.forward(at(captured.at), captures::build(captured))) sent.push_back(std::move(*packet));
  REQUIRE(sent.size() == 12);
  for (const auto& captured : high)
    if (auto packet = path.forward(at(seconds(3) + captured.at), captures::build(captured))) sent.push_back(std::move(*packet));
  REQUIRE(sent.size() == 24);
  check_continuous(sent);
  CHECK(sent[12].layer == Layer{1});
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto descriptor = rtp::parse_vp8(sent[i].payload);
    REQUIRE(descriptor);
    CHECK(descriptor->picture_id == sent[i].numbers.picture_id);
    if (i == 0) continue;
    const int step = sent[i].numbers.picture_id - sent[i - 1].numbers.picture_id;
    CHECK(step == (sent[i].numbers.timestamp == sent[i - 1].numbers.timestamp ? 0 : 1));
    const int tl0_step = sent[i].numbers.tl0_picture_index - sent[i - 1].numbers.tl0_picture_index;
    CHECK((tl0_step == 0 || tl0_step == 1));
  }
}

TEST_CASE("a lost packet is sent again from the cache exactly as it was sent before") {
  Path path(rtp::Codec::vp8, {3543492697});
  const auto sent = forward_capture(path, "wire-cr-remb");
  for (const auto& packet : sent) {
    const auto found = path.history.retransmit(at(seconds(60)), packet.numbers.wire_sequence(), milliseconds(50));
    REQUIRE(std::holds_alternative<SentRecord>(found));
    const auto& record = std::get<SentRecord>(found);
    const auto* cached = path.sources[0].cache.find(record.sequence);
    REQUIRE(cached);
    CHECK(path.send(record.numbers, *cached, Layer{0})->payload == packet.payload);
  }
}

TEST_CASE("after warm-up no packet costs an allocation") {
  Path path(rtp::Codec::vp8, {7});
  Buffer datagram(1200);
  path.spare.reserve(2000);
  const Buffer key = captures::from_hex("90e0800000200010"), delta = captures::from_hex("90e0800100200011");
  const auto send = [&](std::uint16_t sequence) {
    const rtp::Header header{{96}, true, sequence, sequence * 3000u, {7}};
    const auto size = rtp::write_header(header, {}, datagram);
    const Buffer& start = sequence == 0 ? key : delta;
    std::ranges::copy(start, datagram.begin() + static_cast<std::ptrdiff_t>(size));
    auto sent = path.forward(at(milliseconds(33) * sequence), datagram);
    REQUIRE(sent);
    path.spare = std::move(sent->payload);
  };
  std::uint16_t sequence = 0;
  for (; sequence < 3000; ++sequence) send(sequence);
  const auto before = test::allocations();
  for (int i = 0; i < 100; ++i) send(sequence++);
  CHECK(test::allocations() == before);
}

TEST_CASE("whatever a hostile publisher sends, no outgoing number is used twice") {
  Random random = Random::from_number(12);
  for (int round = 0; round < 50; ++round) {
    Path path(rtp::Codec::vp8, {1, 2, 3});
    std::set<Sequence> used;
    Duration now = hours(random.below(100000));
    std::uint16_t sequence = 0;
    for (int i = 0; i < 400; ++i) {
      now += milliseconds(random.below(random.below(50) == 0 ? 100'000'000 : 50));
      sequence = static_cast<std::uint16_t>(random.below(4) == 0 ? random.next() : sequence + random.below(4));
      Buffer datagram(12 + random.below(30));
      random.fill(datagram);
      rtp::write_header({{96}, false, sequence, random.next32(), {1 + random.next32() % 3}}, {}, datagram);
      if (datagram.size() > 14 && random.below(2)) datagram[12] = 0x10, datagram[13] = 0;  // a key frame
      if (const auto sent = path.forward(at(now), datagram)) REQUIRE(used.insert(sent->numbers.sequence).second);

      const std::size_t layer = random.below(3);
      rtp::SenderReport report;
      report.ntp = random.next();
      report.timestamp = random.next32();
      path.sources[layer].stats.receive(at(now), report);
      if (path.forwards(layer)) path.rewriter.update_clock(*path.sources[layer].stats.clock());
      if (const auto clock = path.rewriter.outgoing_clock())
        path.sender.report(at(now + hours(random.below(1000))), *clock, 90000);
      path.sources[layer].stats.report(at(now));
    }
  }
}
