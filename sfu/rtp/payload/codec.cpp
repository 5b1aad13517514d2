#include "sfu/rtp/payload/codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sfu/rtp/payload/av1.hpp"
#include "sfu/rtp/payload/h264.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"

namespace parley::rtp {
namespace {

constexpr std::array<std::pair<std::string_view, Codec>, 9> names = {{
    {"opus", Codec::opus},
    {"red", Codec::red},
    {"pcmu", Codec::g711u},
    {"pcma", Codec::g711a},
    {"g722", Codec::g722},
    {"vp8", Codec::vp8},
    {"vp9", Codec::vp9},
    {"h264", Codec::h264},
    {"av1", Codec::av1},
}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

Codec codec_from_name(std::string_view name) {
  for (const auto& [known, codec] : names)
    if (std::ranges::equal(known, name, {}, {}, lower)) return codec;
  return Codec::other;
}

bool is_video(Codec codec) { return codec == Codec::vp8 || codec == Codec::vp9 || codec == Codec::h264 || codec == Codec::av1; }

std::uint32_t clock_rate(Codec codec) {
  if (is_video(codec)) return 90000;
  return codec == Codec::opus || codec == Codec::red ? 48000 : 8000;
}

bool starts_keyframe(Codec codec, Bytes payload) {
  if (payload.empty()) return false;
  switch (codec) {
    case Codec::vp8: {
      const auto descriptor = parse_vp8(payload);
      return descriptor && descriptor->keyframe;
    }
    case Codec::vp9: {
      const auto descriptor = parse_vp9(payload);
      return descriptor && descriptor->starts_keyframe();
    }
    case Codec::h264:
      return starts_h264_keyframe(payload);
    case Codec::av1: {
      const auto header = parse_av1(payload);
      return header && header->starts_sequence;
    }
    default:
      return true;
  }
}

}  // namespace parley::rtp
