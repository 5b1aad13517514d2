#include "sfu/media/packet_cache.hpp"

#include <bit>
#include <cassert>

namespace parley::media {

PacketCache::PacketCache(std::size_t capacity) : slots_(capacity) { assert(std::has_single_bit(capacity)); }

namespace {

std::uint8_t pad(Buffer& payload) {
  if (payload.size() < PacketCache::smallest_padded) return 0;
  const auto padding = static_cast<std::uint8_t>(-payload.size() % PacketCache::size_step);
  if (padding == 0) return 0;
  payload.resize(payload.size() + padding);
  payload.back() = padding;
  return padding;
}

}  // namespace

const MediaPacket* PacketCache::store(const MediaPacket& packet, Bytes dependency_descriptor) {
  if (packet.payload.size() > maximum_payload) return nullptr;
  Slot& slot = slots_[index(packet.sequence)];
  if (slot.used && slot.packet.sequence > packet.sequence) return nullptr;
  slot.bytes.reserve(maximum_payload + size_step + (dependency_descriptor.empty() ? 0 : rtp::maximum_dependency_descriptor));
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
