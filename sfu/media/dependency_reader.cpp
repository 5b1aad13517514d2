#include "sfu/media/dependency_reader.hpp"

namespace parley::media {
namespace {

std::uint32_t all_targets(const rtp::DependencyStructure& structure) {
  return static_cast<std::uint32_t>((std::uint64_t{1} << structure.target_count) - 1);
}

}  // namespace

bool DependencyReader::read(Bytes descriptor, MediaPacket& packet) {
  rtp::DependencyStructure attached;
  const auto parsed = rtp::parse_dependency_descriptor(descriptor, structure(), attached);
  if (!parsed) return false;
  // An older structure comes late when the first packet of its key frame was lost: the packets since then have a newer one.
  const bool newer = parsed->has_structure && (!state_ || packet.sequence > state_->since);
  if (newer) {
    if (!state_) state_ = std::make_unique<State>();
    *state_ = {attached, packet.sequence, all_targets(attached), packet.sequence};
  }
  if (state_ && parsed->active_targets && packet.sequence >= state_->active_since) {
    state_->active = *parsed->active_targets;
    state_->active_since = packet.sequence;
  }
  packet.frame = place_by_descriptor(*parsed, parsed->has_structure || !state_ ? attached : state_->structure);
  packet.dependencies = this;
  return true;
}

Bytes DependencyReader::limit(const MediaPacket& packet, const Rewritten& numbers, MutableBytes buffer) const {
  const Bytes descriptor = packet.descriptor;
  if (!state_ || packet.sequence < state_->since) return descriptor;
  const std::uint32_t active = state_->active & state_->structure.targets_within(numbers.spatial(), numbers.temporal());
  if (active == state_->active) return descriptor;
  rtp::DependencyStructure attached;
  const auto parsed = rtp::parse_dependency_descriptor(descriptor, &state_->structure, attached);
  if (!parsed || !parsed->start_of_frame) return descriptor;
  const auto size = rtp::limit_targets(descriptor, *parsed, state_->structure.target_count, active, buffer);
  return size > 0 ? Bytes(buffer).first(size) : descriptor;
}

}  // namespace parley::media
