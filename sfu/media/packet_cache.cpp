#include "sfu/media/packet_cache.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace parley::media {

PacketCache::PacketCache(std::size_t most) : most_(most), slots_(std::min(most, first_capacity)) {
  assert(std::has_single_bit(most));
}

namespace {

/// Packets of one stream are of about one size, and what a slot has held once it can hold again.
std::size_t rounded(std::size_t bytes) { return (bytes + PacketCache::memory_step - 1) & ~(PacketCache::memory_step - 1); }

std::uint8_t pad(Buffer& payload) {
  if (payload.size() < PacketCache::smallest_padded) return 0;
  const auto padding = static_cast<std::uint8_t>(-payload.size() % PacketCache::size_step);
  if (padding == 0) return 0;
  payload.resize(payload.size() + padding);
  payload.back() = padding;
  return padding;
}

}  // namespace

PacketCache::Slot& PacketCache::slot_for(const MediaPacket& packet) {
  // One that is late finds its place taken by a young one just as well.
  const auto keeps_young = [&](const Slot& slot) {
    return slot.used && slot.packet.sequence != packet.sequence && packet.arrival - slot.packet.arrival < kept_for;
  };
  while (slots_.size() < most_ && keeps_young(slots_[index(packet.sequence)])) grow();
  return slots_[index(packet.sequence)];
}

void PacketCache::grow() {
  std::vector<Slot> before(2 * slots_.size());
  before.swap(slots_);
  for (Slot& slot : before)
    if (slot.used) slots_[index(slot.packet.sequence)] = std::move(slot);
}

const MediaPacket* PacketCache::store(const MediaPacket& packet, Bytes dependency_descriptor) {
  if (packet.payload.size() > maximum_payload) return nullptr;
  Slot& slot = slot_for(packet);
  if (slot.used && slot.packet.sequence > packet.sequence) return nullptr;
  slot.bytes.reserve(rounded(packet.payload.size() + size_step + dependency_descriptor.size()));
  slot.bytes.assign(packet.payload.begin(), packet.payload.end());
  slot.packet = packet;
  slot.packet.padding = pad(slot.bytes);
  const std::size_t size = slot.bytes.size();
  slot.bytes.insert(slot.bytes.end(), dependency_descriptor.begin(), dependency_descriptor.end());
  const MutableBytes stored(slot.bytes);
  slot.packet.descriptor = dependency_descriptor.empty() ? stored.first(packet.frame.descriptor_size) : stored.subspan(size);
  slot.packet.payload = stored.first(size);
  slot.used = true;
  return &slot.packet;
}

const MediaPacket* PacketCache::find(Sequence sequence) const {
  const Slot& slot = slots_[index(sequence)];
  return slot.used && slot.packet.sequence == sequence ? &slot.packet : nullptr;
}

}  // namespace parley::media
