// The receiving connection: we offer one section for each track, the client answers what it can play.

#include <algorithm>
#include <array>

#include "sfu/sdp/codecs.hpp"
#include "sfu/sdp/extensions.hpp"
#include "sfu/sdp/local_sections.hpp"
#include "sfu/sdp/text.hpp"

namespace parley::sdp {
namespace {

/// Our payload type for a format and for its retransmissions, and the parameters that we write for it. All sections of a bundle
/// share one space of payload types (RFC 9143 section 9.1), and the same number must mean the same in each of them, so both
/// are fixed for each codec whatever its publisher calls it.
struct OurFormat {
  std::uint8_t payload_type;
  std::optional<std::uint8_t> rtx;
  std::map<std::string, std::string> parameters;
};

std::uint8_t number(const Codec& codec, const std::string& key) {
  const auto found = codec.parameters.find(key);
  return found == codec.parameters.end() ? std::uint8_t{0} : parse_number<std::uint8_t>(found->second).value_or(0);
}

OurFormat with_rtx(std::uint8_t payload_type, std::map<std::string, std::string> parameters) {
  return {payload_type, static_cast<std::uint8_t>(payload_type + 1), std::move(parameters)};
}

OurFormat h264_format(const Codec& published) {
  struct Variant {
    const char* profile_level_id;
    std::array<std::uint8_t, 2> payload_types;  ///< by packetization-mode
  };
  constexpr std::array<Variant, 6> variants = {{
      {"42e01f", {102, 104}},
      {"42001f", {106, 108}},
      {"4d001f", {112, 114}},
      {"640c1f", {116, 118}},
      {"64001f", {120, 122}},
      {"f4001f", {124, 43}},
  }};
  const auto profile = h264_profile(published).value_or(H264Profile::constrained_baseline);
  const Variant& variant = variants[static_cast<std::size_t>(profile)];
  const std::uint8_t mode = number(published, "packetization-mode");
  return with_rtx(variant.payload_types[mode], {{"level-asymmetry-allowed", "1"},
                                                {"packetization-mode", std::to_string(mode)},
                                                {"profile-level-id", variant.profile_level_id}});
}

OurFormat vp9_format(const Codec& published) {
  constexpr std::array<std::uint8_t, 4> payload_types = {98, 35, 100, 37};
  const std::uint8_t profile = number(published, "profile-id");
  return with_rtx(payload_types[profile], {{"profile-id", std::to_string(profile)}});
}

OurFormat av1_format(const Codec& published) {
  constexpr std::array<std::uint8_t, 3> payload_types = {45, 39, 41};
  const std::uint8_t profile = number(published, "profile");
  // level-idx 5 is level 3.1, what browsers write; like H.264's level it only bounds what the other side would send.
  return with_rtx(payload_types[profile], {{"level-idx", "5"}, {"profile", std::to_string(profile)}, {"tier", "0"}});
}

OurFormat opus_format(const Codec& published) {
  OurFormat format{111, {}, bitstream_parameters(published)};
  if (has_parameter(published, "stereo", "1")) format.parameters.insert({{"stereo", "1"}, {"sprop-stereo", "1"}});
  return format;
}

constexpr std::uint8_t red_payload_type = 63;

Codec our_red() { return {"red", 48000, 2, PayloadType{red_payload_type}, {}, {{"", "111/111"}}, {}}; }

OurFormat our_format(const Codec& published) {
  if (is_named(published, "opus")) return opus_format(published);
  if (is_named(published, "red")) return {red_payload_type, {}, our_red().parameters};
  if (is_named(published, "PCMU")) return {0, {}, {}};
  if (is_named(published, "PCMA")) return {8, {}, {}};
  if (is_named(published, "G722")) return {9, {}, {}};
  if (is_named(published, "VP9")) return vp9_format(published);
  if (is_named(published, "AV1")) return av1_format(published);
  if (is_named(published, "H264")) return h264_format(published);
  return with_rtx(96, {});  // VP8
}

/// Sound has no nack: it has no retransmission format in browsers, and under AES-GCM a packet may be sent again on its own SSRC
/// only if not a byte of it has changed.
std::vector<std::string> our_feedback(const Codec& published) {
  if (published.clock_rate == 90000) return {"nack", "nack pli", "ccm fir"};
  return {};
}

Section offered_section(const SendSection& send, const LocalTransport& local) {
  Section section = media_section(send.kind, send.mid, local, Setup::actpass);
  if (send.codecs.empty()) return rejected_section(section);
  section.direction = send.active ? Direction::sendonly : Direction::inactive;
  section.codecs = send.codecs;
  section.extensions = send.extensions;
  section.extmap_allow_mixed = needs_mixed_headers(send.extensions);
  if (send.active) announce_stream(send, section);
  return section;
}

std::vector<Codec> accepted_codecs(const std::vector<Codec>& offered, const std::vector<Codec>& answered) {
  std::vector<Codec> accepted;
  for (const Codec& theirs : answered) {
    const Codec* ours = find_codec(offered, theirs);
    if (!ours) continue;
    Codec& codec = accepted.emplace_back(theirs);
    if (!ours->rtx) codec.rtx.reset();
    std::erase_if(codec.feedback, [&](const std::string& kind) {
      return std::find(ours->feedback.begin(), ours->feedback.end(), kind) == ours->feedback.end();
    });
  }
  return accepted;
}

std::vector<HeaderExtension> accepted_extensions(const SendSection& offered, const Section& answered) {
  auto accepted = sent_extensions(answered, offered.codecs);
  std::erase_if(accepted, [&](const HeaderExtension& theirs) {
    return std::none_of(offered.extensions.begin(), offered.extensions.end(),
                        [&](const auto& ours) { return ours.uri == theirs.uri; });
  });
  return accepted;
}

SendSection accepted_section(const SendSection& offered, const Section& answered) {
  SendSection accepted = offered;
  accepted.active = false;
  accepted.codecs.clear();
  accepted.extensions.clear();
  accepted.flexfec.reset();
  if (answered.rejected()) return accepted;
  if (offered.flexfec) accepted.flexfec = find_flexfec(answered.codecs);
  accepted.codecs = accepted_codecs(offered.codecs, answered.codecs);
  accepted.extensions = accepted_extensions(offered, answered);
  const bool receives = answered.direction == Direction::recvonly || answered.direction == Direction::sendrecv;
  accepted.active = offered.active && receives && !accepted.codecs.empty();
  return accepted;
}

}  // namespace

std::vector<Codec> offered_codecs(Kind kind, const std::vector<Codec>& published) {
  std::vector<Codec> offered;
  for (const Codec& codec : forwardable_codecs(kind, published)) {
    // A publisher's two names for one format (such as Opus with other parameters) are one format to us.
    if (find_codec(offered, codec)) continue;
    OurFormat ours = our_format(*find_codec(published, codec));
    Codec& added = offered.emplace_back(codec);
    added.payload_type = PayloadType{ours.payload_type};
    added.rtx = ours.rtx ? std::optional(PayloadType{*ours.rtx}) : std::nullopt;
    added.parameters = std::move(ours.parameters);
    added.feedback = our_feedback(codec);
  }
  const auto named = [&](std::string_view name) {
    return std::ranges::any_of(offered, [&](const Codec& codec) { return is_named(codec, name); });
  };
  if (named("opus") && !named("red")) offered.push_back(our_red());
  return offered;
}

Session offer_subscribe(const std::vector<SendSection>& sections, const LocalTransport& local, std::uint64_t version) {
  Session offer;
  offer.ice_lite = true;
  offer.origin_version = version;
  for (const SendSection& send : sections) {
    Section section = offered_section(send, local);
    if (!section.rejected()) offer.bundle.push_back(section.mid);
    offer.sections.push_back(std::move(section));
  }
  add_candidates(offer, local);
  return offer;
}

Result<std::vector<SendSection>> accept_answer(const std::vector<SendSection>& offered, const Session& answer) {
  if (answer.sections.size() != offered.size())
    return Error{"sdp_mismatch", "The answer has " + std::to_string(answer.sections.size()) + " sections and the offer had " +
                                     std::to_string(offered.size()) + "."};
  std::vector<SendSection> accepted;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const Section& answered = answer.sections[i];
    if (answered.kind != offered[i].kind || answered.mid != offered[i].mid)
      return Error{"sdp_mismatch",
                   "Section " + std::to_string(i + 1) + " of the answer is not \"" + offered[i].mid + "\" as in the offer."};
    if (!answered.rejected() && answered.setup == Setup::passive)
      return Error{"sdp_setup",
                   "Section \"" + answered.mid +
                       "\" answers a=setup:passive; the server is the passive side, so the client has to be active."};
    accepted.push_back(accepted_section(offered[i], answered));
  }
  return accepted;
}

}  // namespace parley::sdp
