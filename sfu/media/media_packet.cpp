#include "sfu/media/media_packet.hpp"

#include <algorithm>

namespace parley::media {
namespace {

bool forwarded(rtp::Extension extension) {
  switch (extension) {
    case rtp::Extension::audio_level:
    case rtp::Extension::video_orientation:
    case rtp::Extension::playout_delay:
    case rtp::Extension::color_space:
    case rtp::Extension::abs_capture_time:
    case rtp::Extension::video_content_type:
      return true;
    default:
      return false;
  }
}

/// Picture numbers, layers, and whether a receiver can begin here.
void read_payload(MediaPacket& packet) {
  std::optional<FramePlace> place;
  if (packet.codec == rtp::Codec::vp8)
    place = place_vp8(packet.payload, packet.keyframe);
  else if (packet.codec == rtp::Codec::vp9)
    place = place_vp9(packet.payload, packet.keyframe);
  else
    packet.keyframe = rtp::starts_keyframe(packet.codec, packet.payload);
  const bool described = packet.codec == rtp::Codec::vp8 || packet.codec == rtp::Codec::vp9;
  packet.malformed = described && !place;
  if (place) packet.frame = *place;
}

}  // namespace

void ForwardedExtensions::add(rtp::Extension extension, Bytes value) {
  if (count_ == maximum_count || value.size() > capacity - used_) return;
  std::ranges::copy(value, bytes_.begin() + used_);
  items_[count_++] = {extension, used_, static_cast<std::uint8_t>(value.size())};
  used_ = static_cast<std::uint8_t>(used_ + value.size());
}

void ForwardedExtensions::append(const rtp::ExtensionIds& receiver, rtp::ElementList& out) const {
  for (const Item& item : items()) out.add(receiver.id(item.extension), value(item));
}

MediaPacket make_media_packet(Time now, const rtp::PacketView& packet, Sequence sequence, Timestamp timestamp, rtp::Codec codec,
                              const rtp::ExtensionIds& ids) {
  MediaPacket result;
  result.ssrc = packet.ssrc;
  result.codec = codec;
  result.payload_type = packet.payload_type;
  result.sequence = sequence;
  result.timestamp = timestamp;
  result.marker = packet.marker;
  result.arrival = now;
  result.payload = packet.payload;
  if (!packet.payload.empty()) read_payload(result);
  for (rtp::Elements elements(packet); const auto element = elements.next();)
    if (const auto extension = ids.extension(element->id); extension && forwarded(*extension))
      result.extensions.add(*extension, element->value);
  return result;
}

}  // namespace parley::media
