// Properties of everything between a publisher's packets and a receiver's: whatever is switched, lost, repaired or reordered, the
// receiver's numbers never have a gap that nobody made, never step back and never repeat, each picture ends with a marker, and
// a decoder has had every frame that a frame needs.

#include <catch2/catch.hpp>
#include <deque>

#include "sfu/media/dependency_reader.hpp"
#include "sfu/media/layer_selector.hpp"
#include "sfu/media/packet_cache.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/media/rewriter.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"
#include "tests/unit/media/helpers.hpp"
#include "tests/unit/media/layered_source.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

struct Sent {
  Rewritten numbers;
  bool marker = false;
  bool filler = false;
  SourcePacket source;
};

/// What the room does, for one publication and one receiver.
struct Forwarder {
  struct Source {
    explicit Source(Ssrc ssrc) : stats(ssrc, 90000), cache(PacketCache::video_capacity) {}
    ReceiveStats stats;
    PacketCache cache;
    DependencyReader dependencies;
  };

  Forwarder(rtp::Codec kind, std::size_t encodings) : codec(kind), rewriter(90000, random) {
    for (std::uint32_t i = 0; i < encodings; ++i) sources.emplace_back(Ssrc{100 + i});
    ids.set(rtp::Extension::dependency_descriptor, LayeredSource::descriptor_id);
  }

  void receive(Time now, const SourcePacket& from) {
    const auto view = rtp::parse(from.datagram);
    REQUIRE(view);
    Source& source = sources[from.frame.encoding];
    const auto arrival = source.stats.receive(now, *view);
    if (arrival.drop) return;
    auto packet = make_media_packet(now, *view, arrival.sequence, arrival.timestamp, codec, ids);
    REQUIRE_FALSE(packet.malformed);
    const auto descriptor = rtp::find(*view, codec == rtp::Codec::av1 ? LayeredSource::descriptor_id : 0);
    if (descriptor) REQUIRE(source.dependencies.read(*descriptor, packet));
    const auto* stored = source.cache.store(packet, descriptor.value_or(Bytes{}));
    REQUIRE(stored);
    origin[{from.frame.encoding, stored->sequence}] = from;
    forward(now, Layer{from.frame.encoding}, *stored);
  }

  void forward(Time now, Layer layer, const MediaPacket& packet) {
    const auto decision = selector.decide(layer, packet);
    using Action = LayerSelector::Decision::Action;
    if (decision.action == Action::start) rewriter.start(now, packet, {});
    if (decision.action == Action::skip) {
      if (const auto filler = rewriter.skip(packet)) sent.push_back({*filler, false, true, {}});
    } else if (decision.action == Action::drop) {
      if (decision.reason == DropReason::forward_after_switch) ++left;
    } else {
      Sent out{{}, decision.ends_picture, false, origin.at({static_cast<std::uint32_t>(layer.value), packet.sequence})};
      if (rewriter.rewrite(now, packet, out.numbers)) sent.push_back(std::move(out));
    }
    if (decision.action != Action::start) return;
    // As the room does it when the first packet of a key frame comes late.
    for (Sequence next = packet.sequence + 1; next < packet.sequence + 64; ++next)
      if (const auto* later = sources[layer.value].cache.find(next)) forward(now, layer, *later);
  }

  Random random = Random::from_number(4);
  rtp::Codec codec;
  rtp::ExtensionIds ids;
  std::vector<Source> sources;
  LayerSelector selector;
  Rewriter rewriter;
  std::map<std::pair<std::uint32_t, Sequence>, SourcePacket> origin;
  std::vector<Sent> sent;
  Sequence left = 0;  ///< late packets of an encoding when another one had begun
};

struct Network {
  std::uint64_t late_in = 0;  ///< one packet of so many comes late; 0: none
  Duration delay = milliseconds(5);
  /// Only the last switch is remembered for packets that come late, which nobody overtakes who chooses by bandwidth.
  int pictures_between_switches = 0;
};

struct Case {
  std::string name;
  rtp::Codec codec;
  std::size_t encodings = 1;
  std::uint32_t spatial_layers = 1;
  bool key_mode = true;
  bool flexible = true;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"VP8 simulcast", rtp::Codec::vp8, 3},
      {"VP8", rtp::Codec::vp8},
      {"VP9 L3T3_KEY", rtp::Codec::vp9, 1, 3, true},
      {"VP9 L3T3", rtp::Codec::vp9, 1, 3, false},
      {"VP9 L3T3, not flexible", rtp::Codec::vp9, 1, 3, false, false},
      {"VP9 simulcast", rtp::Codec::vp9, 3, 1},
      {"AV1 L3T3_KEY", rtp::Codec::av1, 1, 3, true},
      {"AV1 L3T3", rtp::Codec::av1, 1, 3, false},
      {"AV1 simulcast", rtp::Codec::av1, 3, 1},
  };
  return all;
}

Quality random_quality(const Case& which, Random& random) {
  return {Layer{random.below(which.encodings)}, static_cast<std::uint8_t>(random.below(which.spatial_layers)),
          static_cast<std::uint8_t>(random.below(3))};
}

/// Two thousand pictures through random targets, key frames when they are asked for, and late packets.
Forwarder run(const Case& which, const Network& network, std::uint64_t seed) {
  Random random = Random::from_number(seed);
  Forwarder forwarder(which.codec, which.encodings);
  std::vector<LayeredSource> sources;
  for (std::uint32_t i = 0; i < which.encodings; ++i) {
    auto& source = sources.emplace_back();
    source.codec = which.codec;
    source.encoding = i;
    source.spatial_layers = which.spatial_layers;
    source.key_mode = which.key_mode;
    source.flexible = which.flexible;
    source.sequence = static_cast<std::uint16_t>(65500 + i * 10);
    source.timestamp = 0xFFFFF000 + i * 777777;
  }
  forwarder.selector.set_target(Quality{});
  std::multimap<Duration, SourcePacket> arriving;
  int hold = 0;
  for (int picture = 0; picture < 1000; ++picture) {
    const Duration now = milliseconds(33) * picture;
    if (picture >= hold && random.below(10) == 0) {
      hold = picture + network.pictures_between_switches;
      forwarder.selector.set_target(random_quality(which, random));
    }
    const bool key = forwarder.selector.wants_keyframe().has_value() && random.below(3) == 0;
    Duration at_source = now;
    for (auto& source : sources) {
      for (auto& packet : source.next(random, key)) {
        const bool late = network.late_in > 0 && random.below(network.late_in) == 0;
        arriving.emplace(at_source + (late ? network.delay : Duration{}), std::move(packet));
        at_source += microseconds(100);
      }
    }
    while (!arriving.empty() && arriving.begin()->first <= at_source) {
      forwarder.receive(at(arriving.begin()->first), arriving.begin()->second);
      arriving.erase(arriving.begin());
    }
  }
  while (!arriving.empty()) {
    forwarder.receive(at(arriving.begin()->first), arriving.begin()->second);
    arriving.erase(arriving.begin());
  }
  return forwarder;
}

std::vector<Sent> in_order(std::vector<Sent> sent) {
  std::ranges::sort(sent, {}, [](const Sent& it) { return it.numbers.sequence; });
  return sent;
}

/// What a decoder gets: complete frames, of which each needs others.
void check_decodable(const std::vector<Sent>& sent) {
  std::map<FrameName, std::set<Sequence>> got;
  std::set<FrameName> complete;
  for (const auto& packet : sent) {
    if (packet.filler) continue;
    for (const auto& needed : packet.source.needs) {
      INFO("picture " << packet.source.frame.picture << " layer " << packet.source.frame.spatial << " of encoding "
                      << packet.source.frame.encoding << " needs picture " << needed.picture << " layer " << needed.spatial);
      REQUIRE(complete.contains(needed));
    }
    if (packet.source.last_of_frame) complete.insert(packet.source.frame);
  }
}

std::uint16_t mask_of(rtp::Codec codec) { return codec == rtp::Codec::av1 ? 0xFFFF : 0x7FFF; }

/// Of a packet that follows another one.
void check_pictures(const Case& which, const Sent& before, const Sent& packet, bool filled) {
  const auto& numbers = packet.numbers;
  const bool new_picture = numbers.timestamp != before.numbers.timestamp;
  REQUIRE(static_cast<std::int32_t>(numbers.timestamp - before.numbers.timestamp) >= 0);
  const int step = (numbers.picture_id - before.numbers.picture_id) & mask_of(which.codec);
  const bool new_frame = which.codec == rtp::Codec::av1 ? packet.source.frame != before.source.frame : new_picture;
  REQUIRE((step > 0) == new_frame);
  // VP8's receivers wait for missing pictures. One that came late and was left out leaves its number behind all the same.
  REQUIRE(step <= (which.codec != rtp::Codec::vp8 ? 16 : filled ? 3 : 1));
  const int tl0_step = (numbers.tl0_picture_index - before.numbers.tl0_picture_index) & 0xFF;
  const bool has_index = which.codec == rtp::Codec::vp8 || (which.codec == rtp::Codec::vp9 && !which.flexible);
  const bool gap = numbers.sequence != before.numbers.sequence + 1;
  if (has_index && !gap) REQUIRE(tl0_step == (new_picture && packet.source.temporal == 0 ? 1 : 0));
}

/// `sent` in the order of its numbers. What was left behind when the encoding changed may be missing, and nothing else.
void check_numbers(const Case& which, const std::vector<Sent>& sent, Sequence left, bool left_behind) {
  std::optional<Sent> before;
  Sequence missing = 0, unmarked = 0;
  bool filled = false;
  for (const auto& packet : sent) {
    INFO("outgoing sequence " << packet.numbers.sequence << ": picture " << packet.source.frame.picture << " of encoding "
                              << packet.source.frame.encoding << ", temporal layer " << packet.source.temporal);
    if (before) {
      REQUIRE(packet.numbers.sequence > before->numbers.sequence);
      missing += packet.numbers.sequence - before->numbers.sequence - 1;
    }
    if (packet.filler) {
      filled = true;
      if (before) before->numbers.sequence = packet.numbers.sequence;
      continue;
    }
    if (before) {
      const bool new_picture = packet.numbers.timestamp != before->numbers.timestamp;
      const bool switched = packet.source.frame.encoding != before->source.frame.encoding;
      if (before->marker != new_picture && !(switched && left_behind)) ++unmarked;
      check_pictures(which, *before, packet, filled || left > 0);
    }
    before = packet;
    if (packet.marker) filled = false;
  }
  REQUIRE(missing <= left);
  REQUIRE(unmarked <= left);
}

}  // namespace

TEST_CASE("random switches between all layers of each codec leave one continuous, decodable stream") {
  for (const auto& which : cases()) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      INFO(which.name << ", seed " << seed);
      const auto forwarder = run(which, {}, seed);
      REQUIRE(forwarder.sent.size() > 300);
      REQUIRE(forwarder.left == 0);
      check_numbers(which, forwarder.sent, 0, false);
      check_decodable(forwarder.sent);
    }
  }
}

TEST_CASE("reordered packets and repaired losses do not change that") {
  for (const auto& which : cases()) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      for (const Duration delay : {Duration(microseconds(250)), Duration(milliseconds(20)), Duration(milliseconds(90))}) {
        INFO(which.name << ", seed " << seed << ", delay " << delay.count());
        const auto forwarder = run(which, {.late_in = 15, .delay = delay, .pictures_between_switches = 12}, seed);
        REQUIRE(forwarder.sent.size() > 200);
        check_numbers(which, in_order(forwarder.sent), forwarder.left, true);
      }
    }
  }
}
