#include "sfu/media/layer_selector.hpp"

#include <catch2/catch.hpp>

#include "sfu/media/layer_activity.hpp"

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

using Action = LayerSelector::Decision::Action;

constexpr Layer low{0}, middle{1}, high{2};

Quality all_of(Layer encoding) { return {encoding, Quality::highest_layer, Quality::highest_layer}; }
Quality layers(std::uint8_t spatial, std::uint8_t temporal) { return {low, spatial, temporal}; }

/// Of a picture that lasts 3000 units, its only packet of this layer.
MediaPacket layer_packet(Sequence sequence, std::int64_t picture, std::uint8_t spatial, std::uint8_t temporal) {
  auto result = packet(sequence, picture * 3000);
  result.frame.spatial = spatial;
  result.frame.temporal = temporal;
  result.frame.starts = result.frame.ends = true;
  return result;
}

DropReason dropped(const LayerSelector::Decision& decision) {
  CHECK(decision.action == Action::drop);
  return decision.reason;
}

}  // namespace

TEST_CASE("a layer is active for as long as it sends") {
  LayerActivity activity;
  CHECK_FALSE(activity.lowest_active(at({})));
  CHECK(activity.wakeup() == never);
  activity.receive(at(milliseconds(0)), high);
  CHECK(activity.lowest_active(at(milliseconds(1))) == high);
  activity.receive(at(milliseconds(100)), low);
  activity.receive(at(milliseconds(1000)), high);
  CHECK(activity.lowest_active(at(milliseconds(1000))) == low);
  CHECK(activity.wakeup() == at(milliseconds(1300)));
  activity.advance(activity.wakeup());
  CHECK(activity.lowest_active(at(milliseconds(1300))) == high);
  CHECK(activity.wakeup() == at(milliseconds(2200)));
}

TEST_CASE("layers beyond the limit are ignored") {
  LayerActivity activity;
  activity.receive(at({}), Layer{LayerActivity::maximum_layers});
  CHECK_FALSE(activity.lowest_active(at({})));
  CHECK_FALSE(activity.active(at({}), Layer{1000}));
}

TEST_CASE("in place of a silent layer the next below is taken, else the next above") {
  LayerActivity activity;
  activity.receive(at({}), low);
  activity.receive(at({}), high);
  CHECK(activity.nearest_active(at({}), high) == high);
  CHECK(activity.nearest_active(at({}), middle) == low);
  activity.receive(at(seconds(1)), high);
  CHECK(activity.nearest_active(at(seconds(2)), low) == high);
  CHECK_FALSE(activity.nearest_active(at(seconds(4)), high));
}

TEST_CASE("forwarding begins at a key frame, which is asked for until then") {
  LayerSelector selector;
  selector.set_target(all_of(low));
  CHECK(selector.wants_keyframe() == low);
  CHECK(dropped(selector.decide(low, packet(10))) == DropReason::forward_before_keyframe);
  CHECK(dropped(selector.decide(high, packet(10, 0, true))) == DropReason::forward_other_layer);
  CHECK(selector.decide(low, packet(12, 0, true)).action == Action::start);
  CHECK_FALSE(selector.wants_keyframe());
  CHECK(selector.decide(low, packet(13)).action == Action::forward);
  CHECK(selector.decide(low, packet(14, 0, true)).action == Action::forward);
  CHECK(dropped(selector.decide(low, packet(11))) == DropReason::forward_before_keyframe);
}

TEST_CASE("the current layer goes on until the target's key frame comes") {
  LayerSelector selector;
  selector.set_target(all_of(low));
  selector.decide(low, packet(10, 0, true));
  selector.decide(low, packet(12));
  selector.set_target(all_of(middle));
  CHECK(selector.wants_keyframe() == middle);
  CHECK(selector.decide(low, packet(13)).action == Action::forward);
  CHECK(dropped(selector.decide(middle, packet(500))) == DropReason::forward_before_keyframe);
  CHECK(selector.decide(middle, packet(501, 0, true)).action == Action::start);
  CHECK(selector.current() == all_of(middle));

  CHECK(dropped(selector.decide(low, packet(11))) == DropReason::forward_after_switch);
  CHECK(dropped(selector.decide(low, packet(14))) == DropReason::forward_other_layer);
  CHECK(dropped(selector.decide(middle, packet(500))) == DropReason::forward_before_keyframe);
}

TEST_CASE("a target that is taken back before its key frame changes nothing") {
  LayerSelector selector;
  selector.set_target(all_of(low));
  selector.decide(low, packet(10, 0, true));
  selector.set_target(all_of(high));
  selector.set_target(all_of(low));
  CHECK_FALSE(selector.wants_keyframe());
  CHECK(dropped(selector.decide(high, packet(1, 0, true))) == DropReason::forward_other_layer);
  CHECK(selector.decide(low, packet(11)).action == Action::forward);
}

TEST_CASE("after an interruption forwarding begins again at a key frame") {
  LayerSelector selector;
  selector.set_target(all_of(low));
  selector.decide(low, packet(10, 0, true));
  selector.restart();
  CHECK(selector.wants_keyframe() == low);
  CHECK(dropped(selector.decide(low, packet(11))) == DropReason::forward_before_keyframe);
  CHECK(selector.decide(low, packet(12, 0, true)).action == Action::start);
}

TEST_CASE("an encoding that was left is not gone back to at a key frame of its past") {
  LayerSelector selector;
  selector.set_target(all_of(low));
  selector.decide(low, packet(10, 0, true));
  selector.decide(low, packet(20));
  selector.set_target(all_of(middle));
  selector.decide(middle, packet(500, 0, true));
  selector.set_target(all_of(low));
  SECTION("while the other one goes on") {
    CHECK(dropped(selector.decide(low, packet(15, 0, true))) == DropReason::forward_after_switch);
    CHECK(selector.decide(middle, packet(501)).action == Action::forward);
  }
  SECTION("when the other one has been given up") {
    selector.abandon();
    CHECK(dropped(selector.decide(low, packet(15, 0, true))) == DropReason::forward_after_switch);
    CHECK(dropped(selector.decide(middle, packet(499))) == DropReason::forward_after_switch);
  }
  CHECK(selector.wants_keyframe() == low);
  CHECK(selector.decide(low, packet(21, 0, true)).action == Action::start);
}

TEST_CASE("more encodings than anybody sends are ignored") {
  LayerSelector selector;
  selector.set_target(all_of(Layer{LayerActivity::maximum_layers}));
  const auto decision = selector.decide(Layer{LayerActivity::maximum_layers}, packet(1, 0, true));
  CHECK(dropped(decision) == DropReason::forward_other_layer);
}

TEST_CASE("without a target nothing is forwarded") {
  LayerSelector selector;
  selector.set_target(all_of(low));
  selector.decide(low, packet(10, 0, true));
  selector.set_target({});
  CHECK(selector.decide(low, packet(11, 0, true)).action == Action::drop);
  CHECK_FALSE(selector.wants_keyframe());
}

TEST_CASE("fewer layers are forwarded from the next picture on, not from the middle of one") {
  LayerSelector selector;
  selector.set_target(layers(2, 2));
  CHECK(selector.decide(low, packet(10, 3000, true)).action == Action::start);
  selector.set_target(layers(1, 0));
  CHECK(selector.decide(low, layer_packet(11, 1, 2, 0)).action == Action::forward);
  CHECK(selector.decide(low, layer_packet(13, 2, 1, 0)).action == Action::forward);
  CHECK(selector.decide(low, layer_packet(14, 2, 2, 0)).action == Action::skip);
  CHECK(selector.decide(low, layer_packet(15, 3, 0, 1)).action == Action::skip);
  CHECK(selector.current() == layers(1, 0));
  CHECK_FALSE(selector.wants_keyframe());
  // Repaired: a packet of a picture that the receiver got in full.
  CHECK(selector.decide(low, layer_packet(12, 1, 2, 0)).action == Action::forward);
}

TEST_CASE("the last packet that a receiver gets of a picture is marked, whatever the publisher marks") {
  LayerSelector selector;
  selector.set_target(layers(1, 0));
  auto first = layer_packet(10, 1, 0, 0);
  first.keyframe = true;
  CHECK_FALSE(selector.decide(low, first).ends_picture);
  CHECK(selector.decide(low, layer_packet(11, 1, 1, 0)).ends_picture);
  auto last = layer_packet(13, 2, 0, 0);  // this picture has no more layers
  last.marker = true;
  CHECK(selector.decide(low, last).ends_picture);
}

TEST_CASE("more spatial layers come at a frame from which they can be decoded, and a key frame is asked for") {
  LayerSelector selector;
  selector.set_target(layers(0, 0));
  selector.decide(low, packet(10, 3000, true));
  selector.set_target(layers(2, 2));
  CHECK(selector.wants_keyframe() == low);
  auto temporal_only = layer_packet(11, 2, 0, 0);
  temporal_only.frame.switching = FramePlace::bit(0, 2);
  selector.decide(low, temporal_only);
  CHECK(selector.current() == layers(0, 2));
  CHECK(selector.decide(low, layer_packet(12, 2, 1, 0)).action == Action::skip);
  auto key = layer_packet(13, 3, 0, 0);
  key.frame.switching = FramePlace::everywhere;
  selector.decide(low, key);
  CHECK(selector.current() == layers(2, 2));
  CHECK(selector.decide(low, layer_packet(14, 3, 2, 0)).action == Action::forward);
  CHECK_FALSE(selector.wants_keyframe());
}

TEST_CASE("a switch needs the first packet of its frame, in order") {
  LayerSelector selector;
  selector.set_target(layers(0, 0));
  selector.decide(low, packet(10, 3000, true));
  selector.set_target(layers(0, 1));
  auto sync = layer_packet(12, 3, 0, 1);
  sync.frame.enters = true;
  CHECK(selector.decide(low, layer_packet(13, 4, 0, 0)).action == Action::forward);
  CHECK(selector.decide(low, sync).action == Action::skip);
  sync.sequence = 14;
  sync.timestamp = 15000;
  CHECK(selector.decide(low, sync).action == Action::forward);
}

TEST_CASE("VP8's temporal layers are entered one after the other") {
  LayerSelector selector;
  selector.set_target(layers(0, 0));
  selector.decide(low, packet(10, 3000, true));
  selector.set_target(layers(0, 2));
  auto third = layer_packet(11, 2, 0, 2), second = layer_packet(12, 3, 0, 1);
  third.frame.enters = second.frame.enters = true;
  CHECK(selector.decide(low, third).action == Action::skip);
  CHECK(selector.decide(low, second).action == Action::forward);
  CHECK(selector.decide(low, layer_packet(13, 4, 0, 2)).action == Action::skip);  // needs what we did not have
  third.sequence = 14;
  third.timestamp = 15000;
  CHECK(selector.decide(low, third).action == Action::forward);
}
