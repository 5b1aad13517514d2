#include "loadtest/source.hpp"

#include <algorithm>
#include <cassert>

#include "sfu/rtp/payload/vp8.hpp"

namespace parley::loadtest {

using control::Kind;
using rtp::Codec;

namespace {

/// RFC 6716 section 3.1: CELT, full band, 20 ms, mono, one frame.
constexpr std::uint8_t opus_toc = 0xF8;

/// RFC 6386 section 9.1: the frame tag, whose lowest bit says "not a key frame", and a key frame's start code and size.
void write_vp8_frame_header(bool keyframe, Writer& out) {
  out.u8(keyframe ? 0x10 : 0x11).u16(0);
  if (keyframe) out.u24(0x9D012A).u16(0x8002).u16(0x6801);  // 640 x 360, little endian
}

constexpr std::size_t vp8_key_header = 10;
constexpr std::size_t vp8_delta_header = 3;

Payload make_payload(Kind kind, const Pattern& pattern, std::size_t content, bool simulcast) {
  Payload payload;
  std::array<std::uint8_t, vp8_key_header> head;
  Writer header(head);
  if (kind == Kind::audio) {
    header.u8(opus_toc);
  } else {
    const bool first = pattern.packet == 0;
    Writer descriptor(payload.head_bytes);
    write_descriptor(Codec::vp8, {.number = pattern.frame, .first = first, .simulcast = simulcast}, descriptor);
    payload.head_size = static_cast<std::uint8_t>(descriptor.size());
    if (first) write_vp8_frame_header(pattern.keyframe(), header);
  }
  // The frame's packets have one size, as those of libwebrtc have to within a byte.
  payload.made.resize(std::max(content, header.size() + pattern_size));
  std::ranges::copy(header.written(), payload.made.begin());
  write(pattern, MutableBytes(payload.made).subspan(header.size()));
  return payload;
}

}  // namespace

SourceSettings microphone() { return {}; }

SourceSettings camera() { return {.kind = Kind::video, .frames_per_second = 15, .layers = {{"", 1600}}}; }

SourceSettings simulcast_camera() {
  return {.kind = Kind::video, .frames_per_second = 15, .layers = {{"q", 500}, {"h", 1600}, {"f", 4000}}};
}

SourceSettings player(const Clip& clip, std::uint64_t publisher) {
  SourceSettings settings{.publisher = publisher, .layers = {}, .clip = &clip};
  settings.kind = rtp::is_video(clip.codec()) ? Kind::video : Kind::audio;
  settings.frames_per_second = rtp::clock_rate(clip.codec()) / clip.frame_duration();
  const bool simulcast = clip.layers() > 1;
  for (std::size_t layer = 0; layer < clip.layers(); ++layer)
    settings.layers.push_back({simulcast ? std::string(1, "qhf"[std::min<std::size_t>(layer, 2)]) : "", 0});
  return settings;
}

Source::Source(SourceSettings settings) : settings_(std::move(settings)) {
  if (!settings_.clip) return;
  assert(settings_.layers.size() == settings_.clip->layers());
  constexpr std::uint64_t spread = 17;  // frames, so that neighbours begin in different groups
  place_ = settings_.clip->next_keyframe(static_cast<std::uint32_t>(settings_.publisher * spread % settings_.clip->frames()));
}

rtp::Codec Source::codec() const {
  if (settings_.clip) return settings_.clip->codec();
  return settings_.kind == Kind::audio ? Codec::opus : Codec::vp8;
}

void Source::start(Time now) {
  if (!running()) next_frame_ = now + std::chrono::duration_cast<Duration>(frame_interval() * settings_.phase);
}

void Source::advance(Time now, std::vector<Frame>& out) {
  if (running() && now - next_frame_ > seconds(1)) {
    const auto missed = (now - next_frame_) / frame_interval();
    skipped_ += static_cast<std::uint32_t>(missed);
    next_frame_ += missed * frame_interval();
  }
  for (; next_frame_ <= now; next_frame_ += frame_interval()) {
    const Clip* const clip = settings_.clip;
    const bool regular = settings_.keyframe_distance > 0 && number_ % settings_.keyframe_distance == 0;
    const bool requested = regular || (keyframe_wanted_ && keyframe_allowed_ <= now);
    if (clip && requested) place_ = clip->next_keyframe(place_);
    const bool keyframe = settings_.kind == Kind::audio || (clip ? clip->keyframe(place_) : requested);
    if (keyframe) {
      keyframe_wanted_ = false;
      keyframe_allowed_ = now + keyframe_interval;
    }
    for (std::size_t layer = 0; layer < settings_.layers.size(); ++layer)
      out.push_back(clip ? play_frame(layer) : make_frame(now, layer, keyframe));
    if (clip) place_ = (place_ + 1) % clip->frames();
    ++number_;
  }
}

Frame Source::play_frame(std::size_t layer) const {
  const Clip& clip = *settings_.clip;
  Frame frame{.layer = layer,
              .timestamp = (number_ + skipped_) * clip.frame_duration(),
              .keyframe = clip.keyframe(place_),
              .payloads = {}};
  const auto parts = clip.parts(layer, place_);
  PictureInfo picture{.number = number_, .keyframe = frame.keyframe, .simulcast = clip.layers() > 1};
  picture.width = clip.size(layer).width;
  picture.height = clip.size(layer).height;
  frame.payloads.resize(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    picture.first = i == 0;
    picture.last = i + 1 == parts.size();
    Writer head(frame.payloads[i].head_bytes);
    write_descriptor(clip.codec(), picture, head);
    head.bytes(parts[i].prefix());
    frame.payloads[i].head_size = static_cast<std::uint8_t>(head.size());
    frame.payloads[i].borrowed = parts[i].body;
  }
  return frame;
}

Frame Source::make_frame(Time now, std::size_t layer, bool keyframe) const {
  const bool audio = settings_.kind == Kind::audio;
  const std::size_t size = settings_.layers[layer].frame_bytes * (keyframe && !audio ? settings_.keyframe_factor : 1);
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
