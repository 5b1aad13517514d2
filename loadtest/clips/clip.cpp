#include "loadtest/clips/clip.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace parley::loadtest {

using rtp::Codec;

namespace {

constexpr std::string_view magic = "ParleyCl";
constexpr std::uint8_t version = 1;
constexpr std::uint8_t keyframe_flag = 1;
constexpr std::array<std::pair<std::uint8_t, Codec>, 4> codecs = {
    {{1, Codec::opus}, {2, Codec::vp8}, {3, Codec::vp9}, {4, Codec::h264}}};

Error invalid(const char* what) { return {"clip_invalid", std::string("This is no clip for the load test: ") + what + "."}; }

bool well_formed(const ClipContent& content) {
  const std::size_t layers = content.layers.size();
  if (layers == 0 || layers > Clip::maximum_layers || content.frame_duration == 0) return false;
  if (content.frames.empty() || content.frames.size() % layers != 0) return false;
  for (std::size_t i = 0; i < content.frames.size(); ++i) {
    const auto& frame = content.frames[i];
    if (frame.bytes.empty() || frame.bytes.size() > Clip::maximum_frame) return false;
    if (frame.keyframe != content.frames[i - i % layers].keyframe) return false;
  }
  return content.frames.front().keyframe;
}

}  // namespace

Buffer write_clip(const ClipContent& content) {
  std::size_t size = magic.size() + 9 + 4 * content.layers.size();
  for (const auto& frame : content.frames) size += 5 + frame.bytes.size();
  Buffer file(size);
  Writer writer(file);
  writer.bytes(as_bytes(magic)).u8(version);
  writer.u8(std::ranges::find(codecs, content.codec, &std::pair<std::uint8_t, Codec>::second)->first);
  writer.u8(static_cast<std::uint8_t>(content.layers.size())).u16(content.frame_duration);
  writer.u32(static_cast<std::uint32_t>(content.frames.size() / std::max<std::size_t>(content.layers.size(), 1)));
  for (const auto& layer : content.layers) writer.u16(layer.width).u16(layer.height);
  for (const auto& frame : content.frames) {
    writer.u8(frame.keyframe ? keyframe_flag : 0).u32(static_cast<std::uint32_t>(frame.bytes.size()));
    writer.bytes(frame.bytes);
  }
  return file;
}

Result<Clip> parse_clip(Bytes file) {
  Reader reader(file);
  if (as_text(reader.take(magic.size())) != magic || reader.u8() != version) return invalid("it begins with something else");
  const std::uint8_t number = reader.u8();
  const auto codec = std::ranges::find(codecs, number, &std::pair<std::uint8_t, Codec>::first);
  if (codec == codecs.end()) return invalid("its codec is unknown");
  ClipContent content{.codec = codec->second, .frame_duration = 0, .layers = {}, .frames = {}};
  const std::uint8_t layers = reader.u8();
  content.frame_duration = reader.u16();
  const std::uint64_t frames = std::uint64_t{reader.u32()} * layers;
  for (std::uint8_t layer = 0; layer < layers; ++layer) {
    const std::uint16_t width = reader.u16();
    content.layers.push_back({width, reader.u16()});
  }
  // Each frame has at least its flags and its size: what claims more frames than that has room for is not read.
  if (frames > reader.remaining() / 5) return invalid("it is too short");
  for (std::uint64_t i = 0; i < frames && reader.ok(); ++i) {
    const std::uint8_t flags = reader.u8();
    const Bytes bytes = reader.take(reader.u32());
    content.frames.push_back({(flags & keyframe_flag) != 0, Buffer(bytes.begin(), bytes.end())});
  }
  if (!reader.ok() || reader.remaining() > 0) return invalid("it is cut off, or goes on behind its end");
  return make_clip(std::move(content));
}

Result<Clip> make_clip(ClipContent content) {
  if (!well_formed(content)) return invalid("its frames do not fit together");
  Clip clip(std::move(content));
  if (std::ranges::any_of(clip.parts_, [](const auto& parts) { return parts.empty(); })) return invalid("it has an empty frame");
  return clip;
}

Clip::Clip(ClipContent content) : content_(std::move(content)) {
  parts_.reserve(content_.frames.size());
  for (const auto& frame : content_.frames) parts_.push_back(split_frame(content_.codec, frame.bytes, aggregates_));
}

std::uint32_t Clip::next_keyframe(std::uint32_t number) const {
  for (; number < frames(); ++number)
    if (keyframe(number)) return number;
  return 0;
}

}  // namespace parley::loadtest
