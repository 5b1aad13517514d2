#pragma once
// A packet of a publication as everything behind the demultiplexer sees it: numbers unwrapped, codec known, retransmission
// undone.

#include <array>
#include <cstdint>
#include <optional>

#include "sfu/base/ids.hpp"
#include "sfu/base/time.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/media/frame_place.hpp"
#include "sfu/rtp/extensions.hpp"
#include "sfu/rtp/packet.hpp"
#include "sfu/rtp/payload/codec.hpp"

namespace parley::media {

/// Copies of the header extension elements that receivers get as the publisher sent them: audio level, video orientation, playout
/// delay, color space, capture time, content type. The others (mid, rid, send time, transport sequence) belong to one connection.
class ForwardedExtensions {
 public:
  /// Values longer than what is left of `capacity` are left out.
  static constexpr std::size_t capacity = 64;  ///< all six at their longest take 57 bytes
  static constexpr std::size_t maximum_count = 6;

  struct Item {
    rtp::Extension extension = rtp::Extension::count_;
    std::uint8_t offset = 0;
    std::uint8_t size = 0;
  };

  void add(rtp::Extension extension, Bytes value);
  std::span<const Item> items() const { return std::span(items_).first(count_); }
  Bytes value(const Item& item) const { return Bytes(bytes_).subspan(item.offset, item.size); }
  /// Appends every element that the receiver has an id for. The list refers to this object's bytes.
  void append(const rtp::ExtensionIds& receiver, rtp::ElementList& out) const;

 private:
  std::array<std::uint8_t, capacity> bytes_{};
  std::array<Item, maximum_count> items_{};
  std::uint8_t used_ = 0;
  std::uint8_t count_ = 0;
};

class DependencyReader;

struct MediaPacket {
  Ssrc ssrc;
  rtp::Codec codec = rtp::Codec::other;
  PayloadType payload_type;  ///< the publisher's
  Sequence sequence = 0;
  Timestamp timestamp = 0;
  bool marker = false;
  bool keyframe = false;   ///< a receiver can begin here (rtp::starts_keyframe)
  bool malformed = false;  ///< its payload descriptor cannot be read
  Time arrival;
  FramePlace frame;
  ForwardedExtensions extensions;
  Bytes payload;             ///< in the datagram before PacketCache::store, in the cache after it
  std::uint8_t padding = 0;  ///< RTP padding at the end of `payload`; only the cache adds it
  /// Where the picture numbers stand, in the cache: the front of a VP8 or VP9 payload, or AV1's dependency descriptor, which is
  /// kept behind the payload. Each receiver gets its own numbers, and they are written here right before the packet is encrypted
  /// for it, which spares a copy of the payload. So what stands in these bytes is the last receiver's.
  MutableBytes descriptor;
  /// Of the stream, for packets with a dependency descriptor.
  const DependencyReader* dependencies = nullptr;
};

/// `packet` is the media packet (an RTX packet first goes through unwrap_rtx); sequence and timestamp come from
/// ReceiveStats; `ids` are the publisher's.
MediaPacket make_media_packet(Time now, const rtp::PacketView& packet, Sequence sequence, Timestamp timestamp, rtp::Codec codec,
                              const rtp::ExtensionIds& ids);

}  // namespace parley::media
