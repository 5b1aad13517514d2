#pragma once
// The only owner of payload bytes: the last packets of one SSRC, stored once however many receivers there are. Forwarding,
// retransmission and probing all send from here. The handle of a packet is its unwrapped sequence number.

#include <cstddef>
#include <vector>

#include "sfu/media/media_packet.hpp"

namespace parley::media {

class PacketCache {
 public:
  /// At most; the ring begins small and doubles while it would replace a packet that is younger than `kept_for`. So a small
  /// layer takes little memory, and the processor's cache holds what is used.
  static constexpr std::size_t video_capacity = 1024;
  static constexpr std::size_t audio_capacity = 64;  ///< 1.3 s of 20 ms packets
  static constexpr std::size_t first_capacity = 64;
  /// Three round trips around the world: whoever misses a packet for longer asks for a key frame.
  static constexpr Duration kept_for = milliseconds(1000);
  /// Larger payloads are not stored (and not forwarded): no datagram within an MTU of 1500 holds one.
  static constexpr std::size_t maximum_payload = 1500;
  /// libwebrtc cuts a frame into packets whose sizes differ by a byte, but datagrams pass the network stack together only when
  /// they have one size. So large payloads are padded (RFC 3550 section 5.1) to a multiple of this: most frames then have one
  /// size, for 0.3 % more bytes.
  static constexpr std::size_t size_step = 8;
  /// Smaller ones come alone.
  static constexpr std::size_t smallest_padded = 256;
  /// Slots have memory for a multiple of this: sound takes a sixth of what video takes.
  static constexpr std::size_t memory_step = 256;

  /// Memory is bounded by `most` * (maximum_payload + sizeof(MediaPacket)), 1.8 MB for video; a slot's bytes are kept
  /// for the packets after it, so that nothing is allocated once each has held the stream's largest. `most` is a power of two.
  explicit PacketCache(std::size_t most);

  /// Copies packet and payload into the slot of its sequence, in place of whatever was there. The result has its payload in the
  /// cache; its payload stays valid until that is replaced, the packet itself until the next is stored. Null: the payload is too
  /// large, or the slot holds a newer packet. A dependency descriptor, not longer than
  /// rtp::maximum_dependency_descriptor, becomes the result's `descriptor`.
  const MediaPacket* store(const MediaPacket& packet, Bytes dependency_descriptor = {});
  /// Null: never stored, or replaced since.
  const MediaPacket* find(Sequence sequence) const;

  std::size_t capacity() const { return slots_.size(); }

 private:
  struct Slot {
    MediaPacket packet;
    Buffer bytes;
    bool used = false;
  };
  std::size_t index(Sequence sequence) const { return static_cast<std::size_t>(sequence) & (slots_.size() - 1); }

  /// Where the packet belongs, after growing if that keeps a young one.
  Slot& slot_for(const MediaPacket& packet);
  void grow();

  std::size_t most_;
  std::vector<Slot> slots_;
};

}  // namespace parley::media
