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
  if (codec == rtp::Codec::vp8) result.vp8 = rtp::parse_vp8(packet.payload);
  result.keyframe = result.vp8 ? result.vp8->keyframe : rtp::starts_keyframe(codec, packet.payload);
  for (rtp::Elements elements(packet); const auto element = elements.next();)
    if (const auto extension = ids.extension(element->id); extension && forwarded(*extension))
      result.extensions.add(*extension, element->value);
  return result;
}

}  // namespace parley::media
