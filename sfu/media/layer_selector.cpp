#include "sfu/media/layer_selector.hpp"

#include <algorithm>
#include <utility>

namespace parley::media {
namespace {

using Decision = LayerSelector::Decision;

Decision drop(DropReason reason) { return {Decision::Action::drop, reason}; }

}  // namespace

void LayerSelector::set_target(std::optional<Quality> target) {
  target_ = target;
  if (!target) return restart();
  settle();
}

Decision LayerSelector::decide(Layer encoding, const MediaPacket& packet) {
  if (!current_ || encoding != current_->encoding) return begin(encoding, packet);
  if (packet.sequence < first_) return drop(DropReason::forward_before_keyframe);
  if (packet.sequence > newest_) {
    if (!settled_) adapt(packet);
    newest_ = packet.sequence;
    newest_timestamp_ = packet.timestamp;
  }
  const Layers& layers = packet.timestamp >= layers_.front().since ? layers_.front() : layers_at(packet.timestamp);
  const FramePlace& frame = packet.frame;
  if (frame.spatial > layers.spatial || frame.temporal > layers.temporal) return {.action = Decision::Action::skip};
  return {.action = Decision::Action::forward, .ends_picture = packet.marker || (frame.ends && frame.spatial == layers.spatial)};
}

/// A packet of an encoding that is not forwarded: perhaps it is where the next one begins.
Decision LayerSelector::begin(Layer encoding, const MediaPacket& packet) {
  if (encoding.value >= left_.size()) return drop(DropReason::forward_other_layer);
  if (packet.sequence <= left_[encoding.value]) return drop(DropReason::forward_after_switch);
  const bool wanted = target_ && encoding == target_->encoding;
  if (wanted && packet.keyframe) {
    leave();
    newest_ = packet.sequence;
    newest_timestamp_ = packet.timestamp;
    first_ = packet.sequence;
    current_ = target_;
    settle();
    layers_.fill({packet.timestamp, current_->spatial, current_->temporal});
    return {.action = Decision::Action::start,
            .ends_picture = packet.marker || (packet.frame.ends && packet.frame.spatial == current_->spatial)};
  }
  return drop(wanted ? DropReason::forward_before_keyframe : DropReason::forward_other_layer);
}

const LayerSelector::Layers& LayerSelector::layers_at(Timestamp timestamp) const {
  for (const Layers& layers : layers_)
    if (timestamp >= layers.since) return layers;
  return layers_.back();
}

/// The layers move towards the target as far as this packet allows it. While another encoding is awaited, they stay.
void LayerSelector::adapt(const MediaPacket& packet) {
  if (!target_ || target_->encoding != current_->encoding) return;
  if (packet.timestamp != newest_timestamp_)
    switch_layers(packet, std::min(current_->spatial, target_->spatial), std::min(current_->temporal, target_->temporal));
  // In the middle of a picture nothing goes down.
  const std::uint8_t spatial = std::max(current_->spatial, target_->spatial);
  const std::uint8_t temporal = std::max(current_->temporal, target_->temporal);
  const FramePlace& frame = packet.frame;
  const bool enters = frame.enters && frame.temporal == current_->temporal + 1 && frame.temporal <= target_->temporal;
  const bool has_it = frame.starts && frame.spatial <= current_->spatial && frame.temporal <= current_->temporal;
  if (enters)
    switch_layers(packet, current_->spatial, frame.temporal);
  else if (has_it && frame.switches_to(spatial, temporal))
    switch_layers(packet, spatial, temporal);
  else if (has_it && (frame.switches_temporal || frame.switches_to(current_->spatial, temporal)))
    switch_layers(packet, current_->spatial, temporal);
}

void LayerSelector::switch_layers(const MediaPacket& packet, std::uint8_t spatial, std::uint8_t temporal) {
  if (spatial == current_->spatial && temporal == current_->temporal) return;
  // Two steps in one picture are one.
  if (layers_.front().since != packet.timestamp) std::shift_right(layers_.begin(), layers_.end(), 1);
  layers_.front() = {packet.timestamp, spatial, temporal};
  current_->spatial = spatial;
  current_->temporal = temporal;
  settle();
}

std::optional<Layer> LayerSelector::wants_keyframe() const {
  if (!target_) return {};
  if (!current_ || current_->encoding != target_->encoding) return target_->encoding;
  return current_->spatial < target_->spatial ? std::optional(target_->encoding) : std::nullopt;
}

void LayerSelector::restart() {
  current_.reset();
  left_.fill(0);
  settle();
}

void LayerSelector::abandon() {
  leave();
  current_.reset();
  settle();
}

void LayerSelector::leave() {
  if (current_) left_[current_->encoding.value] = newest_;
}

}  // namespace parley::media
