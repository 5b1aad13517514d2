#include "sfu/sdp/codecs.hpp"

#include <algorithm>
#include <array>

#include "sfu/sdp/negotiate.hpp"
#include "sfu/sdp/text.hpp"

namespace parley::sdp {
namespace {

/// A view into the codec; `otherwise` is a literal.
std::string_view parameter(const Codec& codec, const std::string& key, std::string_view otherwise) {
  const auto found = codec.parameters.find(key);
  return found == codec.parameters.end() ? otherwise : std::string_view(found->second);
}

/// RFC 6184: absent means 0. Mode 2 interleaves packets, which a forwarder would have to undo.
std::optional<std::uint8_t> packetization_mode(const Codec& codec) {
  const auto mode = parse_number<std::uint8_t>(parameter(codec, "packetization-mode", "0"));
  return mode && *mode <= 1 ? mode : std::nullopt;
}

std::optional<std::uint8_t> profile(const Codec& codec, const std::string& key, std::uint8_t highest) {
  const auto number = parse_number<std::uint8_t>(parameter(codec, key, "0"));
  return number && *number <= highest ? number : std::nullopt;
}

std::optional<std::uint8_t> vp9_profile(const Codec& codec) { return profile(codec, "profile-id", 3); }
std::optional<std::uint8_t> av1_profile(const Codec& codec) { return profile(codec, "profile", 2); }

bool is_opus(const Codec& codec) { return is_named(codec, "opus"); }

/// Of a codec that can be forwarded: all video has the same clock (RFC 7741, 6184, ...), and no audio has it.
Kind kind_of(const Codec& codec) { return codec.clock_rate == 90000 ? Kind::video : Kind::audio; }

/// RFC 5761 section 4: with the marker bit, these look like RTCP.
bool is_rtcp_like(PayloadType type) { return type.value >= 64 && type.value <= 95; }

/// RFC 2198: "111/111" names the payload types inside. Only Opus in Opus can be unwrapped for a receiver without RED.
bool wraps(const Codec& red, const Codec& opus) {
  const auto inside = split(parameter(red, "", ""), '/');
  const std::string type = std::to_string(opus.payload_type.value);
  return !is_rtcp_like(red.payload_type) && red.clock_rate == opus.clock_rate && red.channels == opus.channels &&
         std::all_of(inside.begin(), inside.end(), [&](std::string_view it) { return it == type; });
}

/// What a codec must agree on beyond its name, clock and channels.
std::optional<int> variant(const Codec& codec) {
  if (is_named(codec, "VP9")) return vp9_profile(codec);
  if (is_named(codec, "AV1")) return av1_profile(codec);
  if (!is_named(codec, "H264")) return 0;
  const auto known = h264_profile(codec);
  const auto mode = packetization_mode(codec);
  if (!known || !mode) return std::nullopt;
  return 2 * static_cast<int>(*known) + *mode;
}

/// Whether somebody in Parley understands it. RED depends on another codec: see forwardable_codecs().
bool is_forwardable(const Codec& codec) {
  if (is_rtcp_like(codec.payload_type) || !variant(codec)) return false;
  if (is_opus(codec)) return codec.clock_rate == 48000 && codec.channels == 2;
  if (is_named(codec, "PCMU") || is_named(codec, "PCMA") || is_named(codec, "G722"))
    return codec.clock_rate == 8000 && codec.channels == 1;
  return codec.clock_rate == 90000 &&
         (is_named(codec, "VP8") || is_named(codec, "VP9") || is_named(codec, "H264") || is_named(codec, "AV1"));
}

}  // namespace

std::optional<H264Profile> h264_profile(const Codec& codec) {
  // Without the parameter, browsers assume what everybody can decode, rather than RFC 6184's Baseline at level 1.
  const std::string_view text = parameter(codec, "profile-level-id", "42e01f");
  const auto number = parse_number<std::uint32_t>(text, 16);
  if (text.size() != 6 || !number) return std::nullopt;

  struct Spelling {
    std::uint32_t profile;  ///< profile_idc
    std::uint32_t mask;     ///< of the constraint flags that matter
    std::uint32_t flags;    ///< their values
    H264Profile meaning;
  };
  constexpr std::array<Spelling, 9> spellings = {{
      {0x42, 0x4f, 0x40, H264Profile::constrained_baseline},
      {0x4d, 0x8f, 0x80, H264Profile::constrained_baseline},
      {0x58, 0xcf, 0xc0, H264Profile::constrained_baseline},
      {0x42, 0x4f, 0x00, H264Profile::baseline},
      {0x58, 0xcf, 0x80, H264Profile::baseline},
      {0x4d, 0xaf, 0x00, H264Profile::main},
      {0x64, 0xff, 0x00, H264Profile::high},
      {0x64, 0xff, 0x0c, H264Profile::constrained_high},
      {0xf4, 0xff, 0x00, H264Profile::predictive_high_444},
  }};
  for (const Spelling& it : spellings)
    if (*number >> 16 == it.profile && ((*number >> 8) & it.mask) == it.flags) return it.meaning;
  return std::nullopt;
}

bool is_named(const Codec& codec, std::string_view name) { return equal_without_case(codec.name, name); }

bool has_parameter(const Codec& codec, const std::string& key, std::string_view value) {
  const auto found = codec.parameters.find(key);
  return found != codec.parameters.end() && found->second == value;
}

std::vector<Codec> forwardable_codecs(Kind kind, const std::vector<Codec>& offered) {
  const auto opus =
      std::find_if(offered.begin(), offered.end(), [](const Codec& it) { return is_opus(it) && is_forwardable(it); });
  std::vector<Codec> kept;
  for (const Codec& codec : offered) {
    const bool red = kind == Kind::audio && is_named(codec, "red") && opus != offered.end() && wraps(codec, *opus);
    if (!red && !(is_forwardable(codec) && kind_of(codec) == kind)) continue;
    Codec& ours = kept.emplace_back(codec);
    ours.feedback = common_feedback(kind, codec.feedback);
    ours.parameters = bitstream_parameters(codec);
    if (ours.rtx && is_rtcp_like(*ours.rtx)) ours.rtx.reset();
  }
  return kept;
}

std::vector<std::string> common_feedback(Kind kind, const std::vector<std::string>& offered) {
  std::vector<std::string> common;
  for (const std::string& it : offered) {
    const bool always = it == "nack" || it == "transport-cc";
    const bool for_video = it == "nack pli" || it == "ccm fir";
    if (always || (for_video && kind == Kind::video)) common.push_back(it);
  }
  return common;
}

std::map<std::string, std::string> bitstream_parameters(const Codec& codec) {
  if (is_opus(codec)) return {{"minptime", "10"}, {"useinbandfec", "1"}};
  std::map<std::string, std::string> kept;
  for (const char* key :
       {"", "profile-id", "profile", "level-idx", "tier", "level-asymmetry-allowed", "packetization-mode", "profile-level-id"})
    if (const auto found = codec.parameters.find(key); found != codec.parameters.end()) kept.insert(*found);
  return kept;
}

Codec flexfec_codec(PayloadType payload_type) {
  // The window is what browsers write: ten seconds, in microseconds.
  return {"flexfec-03", 90000, 1, payload_type, {}, {{"repair-window", "10000000"}}, {}};
}

std::optional<PayloadType> find_flexfec(const std::vector<Codec>& codecs) {
  const auto found = std::find_if(codecs.begin(), codecs.end(), [](const Codec& codec) {
    return is_named(codec, "flexfec-03") && codec.clock_rate == 90000 && !is_rtcp_like(codec.payload_type);
  });
  return found == codecs.end() ? std::nullopt : std::optional(found->payload_type);
}

const Codec* find_codec(const std::vector<Codec>& available, const Codec& wanted) {
  const auto wanted_variant = variant(wanted);
  const auto same = [&](const Codec& codec) {
    return is_named(codec, wanted.name) && codec.clock_rate == wanted.clock_rate && codec.channels == wanted.channels &&
           wanted_variant && variant(codec) == wanted_variant;
  };
  const auto found = std::find_if(available.begin(), available.end(), same);
  return found == available.end() ? nullptr : &*found;
}

}  // namespace parley::sdp
