#include "sfu/media/packet_cache.hpp"

#include <cassert>

namespace parley::media {

PacketCache::PacketCache(std::size_t capacity) : slots_(capacity) { assert(capacity > 0); }

const MediaPacket* PacketCache::store(const MediaPacket& packet) {
  if (packet.payload.size() > maximum_payload) return nullptr;
  Slot& slot = slots_[index(packet.sequence)];
  if (slot.used && slot.packet.sequence > packet.sequence) return nullptr;
  slot.bytes.reserve(maximum_payload);
  slot.bytes.assign(packet.payload.begin(), packet.payload.end());
  slot.packet = packet;
  slot.packet.payload = slot.bytes;
  slot.used = true;
  return &slot.packet;
}

const MediaPacket* PacketCache::find(Sequence sequence) const {
  const Slot& slot = slots_[index(sequence)];
  return slot.used && slot.packet.sequence == sequence ? &slot.packet : nullptr;
}

}  // namespace parley::media
