#include "sfu/media/layer_selector.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

using Action = LayerSelector::Decision::Action;

constexpr Layer low{0}, middle{1}, high{2};

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

TEST_CASE("forwarding begins at a key frame, which is asked for until then") {
  LayerSelector selector;
  selector.set_target(low);
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
  selector.set_target(low);
  selector.decide(low, packet(10, 0, true));
  selector.decide(low, packet(12));
  selector.set_target(middle);
  CHECK(selector.wants_keyframe() == middle);
  CHECK(selector.decide(low, packet(13)).action == Action::forward);
  CHECK(dropped(selector.decide(middle, packet(500))) == DropReason::forward_before_keyframe);
  CHECK(selector.decide(middle, packet(501, 0, true)).action == Action::start);
  CHECK(selector.current() == middle);

  CHECK(dropped(selector.decide(low, packet(11))) == DropReason::forward_after_switch);
  CHECK(dropped(selector.decide(low, packet(14))) == DropReason::forward_other_layer);
  CHECK(dropped(selector.decide(middle, packet(500))) == DropReason::forward_before_keyframe);
}

TEST_CASE("a target that is taken back before its key frame changes nothing") {
  LayerSelector selector;
  selector.set_target(low);
  selector.decide(low, packet(10, 0, true));
  selector.set_target(high);
  selector.set_target(low);
  CHECK_FALSE(selector.wants_keyframe());
  CHECK(dropped(selector.decide(high, packet(1, 0, true))) == DropReason::forward_other_layer);
  CHECK(selector.decide(low, packet(11)).action == Action::forward);
}

TEST_CASE("after an interruption forwarding begins again at a key frame") {
  LayerSelector selector;
  selector.set_target(low);
  selector.decide(low, packet(10, 0, true));
  selector.restart();
  CHECK(selector.wants_keyframe() == low);
  CHECK(dropped(selector.decide(low, packet(11))) == DropReason::forward_before_keyframe);
  CHECK(selector.decide(low, packet(12, 0, true)).action == Action::start);
}

TEST_CASE("without a target nothing is forwarded") {
  LayerSelector selector;
  selector.set_target(low);
  selector.decide(low, packet(10, 0, true));
  selector.set_target({});
  CHECK(selector.decide(low, packet(11, 0, true)).action == Action::drop);
  CHECK_FALSE(selector.wants_keyframe());
}
