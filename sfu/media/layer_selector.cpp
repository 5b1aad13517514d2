#include "sfu/media/layer_selector.hpp"

#include <algorithm>

namespace parley::media {
namespace {

using Decision = LayerSelector::Decision;

Decision drop(DropReason reason) { return {Decision::Action::drop, reason}; }

}  // namespace

void LayerSelector::set_target(std::optional<Layer> target) {
  target_ = target;
  if (!target) restart();
}

Decision LayerSelector::decide(Layer layer, const MediaPacket& packet) {
  if (layer == current_) {
    if (packet.sequence < first_) return drop(DropReason::forward_before_keyframe);
    newest_ = std::max(newest_, packet.sequence);
    return {.action = Decision::Action::forward};
  }
  if (layer == target_ && packet.keyframe) {
    left_ = std::exchange(current_, layer);
    left_newest_ = std::exchange(newest_, packet.sequence);
    first_ = packet.sequence;
    return {.action = Decision::Action::start};
  }
  if (layer == left_ && packet.sequence <= left_newest_) return drop(DropReason::forward_after_switch);
  return drop(layer == target_ ? DropReason::forward_before_keyframe : DropReason::forward_other_layer);
}

std::optional<Layer> LayerSelector::wants_keyframe() const { return target_ == current_ ? std::nullopt : target_; }

void LayerSelector::restart() {
  current_.reset();
  left_.reset();
}

}  // namespace parley::media
