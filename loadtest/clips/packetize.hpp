#pragma once
// Encoded frames to RTP payloads and back: RFC 7741 (VP8), RFC 9628 in flexible mode as Chromium sends it (VP9), RFC 6184 with
// packetization-mode 1 (H.264: STAP-A, FU-A), RFC 7587 (Opus). A frame is cut into parts of about equal size, as libwebrtc does.
//
// What depends only on the frame is made once, when a clip is read; the payload descriptors of VP8 and VP9, which count pictures,
// are written in front when a packet is sent.

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/rtp/payload/codec.hpp"

namespace parley::loadtest {

/// RTP payload at most: 1200 bytes, which every path carries, less headers, extensions and tags.
inline constexpr std::size_t maximum_payload = 1100;
/// Of that, room for a payload descriptor: at most 9 bytes, in front of a VP9 key frame.
inline constexpr std::size_t maximum_descriptor = 12;

/// What one packet carries of a frame, behind the payload descriptor.
struct FramePart {
  std::array<std::uint8_t, 2> head{};  ///< of an FU-A
  std::uint8_t head_size = 0;
  Bytes body;

  Bytes prefix() const { return Bytes(head).first(head_size); }
};

/// The parts look into `frame`, and into `aggregates` for those that combine several H.264 units. No parts: not a frame.
std::vector<FramePart> split_frame(rtp::Codec codec, Bytes frame, std::deque<Buffer>& aggregates);

/// What a payload descriptor says about a packet.
struct PictureInfo {
  std::uint32_t number = 0;  ///< counts up by one; taken modulo 2^15
  bool keyframe = false;
  bool first = false;      ///< packet of its frame
  bool last = false;       ///< packet of its frame
  bool simulcast = false;  ///< Chromium numbers temporal layers then, even when there is only one
  std::uint16_t width = 0;
  std::uint16_t height = 0;
};
/// Writes nothing for codecs without a descriptor.
void write_descriptor(rtp::Codec codec, const PictureInfo& picture, Writer& out);

/// A whole frame from the payloads of all its packets, in order; H.264 with start codes. False when they do not make up one.
bool assemble_frame(rtp::Codec codec, std::span<const Bytes> payloads, Buffer& frame);

}  // namespace parley::loadtest
