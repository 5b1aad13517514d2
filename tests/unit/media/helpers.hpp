#pragma once
// Packets for the tests of the media layer.

#include "sfu/media/media_packet.hpp"

namespace parley::media::testing {

inline Time at(Duration since) { return Time(since); }

inline rtp::PacketView view(std::uint16_t sequence, std::uint32_t timestamp = 0, Bytes payload = as_bytes("media")) {
  rtp::PacketView packet;
  packet.payload_type = {96};
  packet.sequence = sequence;
  packet.timestamp = timestamp;
  packet.ssrc = {1};
  packet.payload = payload;
  return packet;
}

inline MediaPacket packet(Sequence sequence, Timestamp timestamp = 0, bool keyframe = false) {
  MediaPacket result;
  result.ssrc = {1};
  result.sequence = sequence;
  result.timestamp = timestamp;
  result.keyframe = keyframe;
  result.payload = as_bytes("media");
  return result;
}

/// A packet of VP8 with a 15-bit PictureID.
inline MediaPacket vp8_packet(Sequence sequence, Timestamp timestamp, std::uint16_t picture_id, std::uint8_t tl0,
                              bool keyframe = false) {
  MediaPacket result = packet(sequence, timestamp, keyframe);
  result.codec = rtp::Codec::vp8;
  result.frame.picture_mask = 0x7FFF;
  result.frame.picture_id = picture_id;
  result.frame.has_tl0_picture_index = true;
  result.frame.tl0_picture_index = tl0;
  result.frame.descriptor_size = 5;
  result.frame.squeezes_pictures = true;
  result.frame.starts = true;
  if (keyframe) result.frame.switching = FramePlace::everywhere;
  return result;
}

}  // namespace parley::media::testing
