#include "loadtest/source.hpp"

#include <algorithm>

#include "sfu/rtp/payload/vp8.hpp"

namespace parley::loadtest {

using control::Kind;

namespace {

/// RFC 6716 section 3.1: CELT, full band, 20 ms, mono, one frame.
constexpr std::uint8_t opus_toc = 0xF8;

/// RFC 7741 section 4.2 in the forms that Chromium sends: with a 15-bit PictureID, and with TL0PICIDX and TID under simulcast.
void write_vp8_descriptor(std::uint32_t number, bool start, bool simulcast, Writer& out) {
  out.u8(start ? 0x90 : 0x80).u8(simulcast ? 0xE0 : 0x80).u16(static_cast<std::uint16_t>(0x8000 | (number & 0x7FFF)));
  if (simulcast) out.u8(static_cast<std::uint8_t>(number)).u8(0x20);  // TID 0, Y
}

/// RFC 6386 section 9.1: the frame tag, whose lowest bit says "not a key frame", and a key frame's start code and size.
void write_vp8_frame_header(bool keyframe, Writer& out) {
  out.u8(keyframe ? 0x10 : 0x11).u16(0);
  if (keyframe) out.u24(0x9D012A).u16(0x8002).u16(0x6801);  // 640 x 360, little endian
}

constexpr std::size_t vp8_key_header = 10;
constexpr std::size_t vp8_delta_header = 3;

Buffer make_payload(Kind kind, const Pattern& pattern, std::size_t content, bool simulcast) {
  std::array<std::uint8_t, 16> head;
  Writer header(head);
  if (kind == Kind::audio) {
    header.u8(opus_toc);
  } else {
    write_vp8_descriptor(pattern.frame, pattern.packet == 0, simulcast, header);
    if (pattern.packet == 0) write_vp8_frame_header(pattern.keyframe(), header);
  }
  Buffer payload(header.size() + std::max(content, pattern_size));
  std::ranges::copy(header.written(), payload.begin());
  write(pattern, MutableBytes(payload).subspan(header.size()));
  return payload;
}

}  // namespace

SourceSettings microphone() { return {}; }

SourceSettings camera() { return {.kind = Kind::video, .frames_per_second = 15, .layers = {{"", 1600}}}; }

SourceSettings simulcast_camera() {
  return {.kind = Kind::video, .frames_per_second = 15, .layers = {{"q", 500}, {"h", 1600}, {"f", 4000}}};
}

void Source::start(Time now) {
  if (!running()) next_frame_ = now;
}

void Source::advance(Time now, std::vector<Frame>& out) {
  if (running() && now - next_frame_ > seconds(1)) {
    const auto missed = (now - next_frame_) / frame_interval();
    skipped_ += static_cast<std::uint32_t>(missed);
    next_frame_ += missed * frame_interval();
  }
  for (; next_frame_ <= now; next_frame_ += frame_interval()) {
    const bool keyframe = settings_.kind == Kind::audio || (keyframe_wanted_ && keyframe_allowed_ <= now);
    if (keyframe) {
      keyframe_wanted_ = false;
      keyframe_allowed_ = now + keyframe_interval;
    }
    for (std::size_t layer = 0; layer < settings_.layers.size(); ++layer) out.push_back(make_frame(now, layer, keyframe));
    ++number_;
  }
}

Frame Source::make_frame(Time now, std::size_t layer, bool keyframe) const {
  const bool audio = settings_.kind == Kind::audio;
  const std::size_t size = settings_.layers[layer].frame_bytes * (keyframe && !audio ? 3 : 1);
  const std::size_t packets = (size + maximum_payload - 1) / maximum_payload;
  Frame frame{.layer = layer,
              .timestamp = (number_ + skipped_) * (clock_rate() / settings_.frames_per_second),
              .keyframe = keyframe,
              .payloads = {}};
  for (std::size_t packet = 0; packet < packets; ++packet) {
    const Pattern pattern{.room = settings_.room,
                          .publisher = settings_.publisher,
                          .track = settings_.track,
                          .layer = static_cast<std::uint8_t>(layer),
                          .frame = number_,
                          .reference = keyframe ? number_ : number_ - 1,
                          .packet = static_cast<std::uint16_t>(packet),
                          .packets = static_cast<std::uint16_t>(packets),
                          .sent = now};
    frame.payloads.push_back(make_payload(settings_.kind, pattern, size / packets, settings_.layers.size() > 1));
  }
  return frame;
}

Bytes pattern_in(Kind kind, Bytes payload) {
  Reader reader(payload);
  if (kind == Kind::audio) {
    reader.skip(1);
    return reader.rest();
  }
  const auto descriptor = rtp::parse_vp8(payload);
  if (!descriptor) return {};
  reader.skip(descriptor->size);
  if (descriptor->start_of_frame) reader.skip(descriptor->keyframe ? vp8_key_header : vp8_delta_header);
  return reader.rest();
}

}  // namespace parley::loadtest
