#pragma once
// Which codecs Parley can forward, and what each of them must agree on. Forwarding needs no encoder, but each codec needs
// somebody who understands its payload: key frames, layers and picture numbers (rtp/payload).

#include <optional>
#include <string>
#include <vector>

#include "sfu/sdp/session.hpp"

namespace parley::sdp {

/// The profiles of H.264 that browsers know (RFC 6184 section 8.1 table 5), in the order of our payload types.
enum class H264Profile : std::uint8_t { constrained_baseline, baseline, main, constrained_high, high, predictive_high_444 };

/// What the first four digits of a profile-level-id stand for; several spellings may mean one profile. The level is ignored:
/// a=fmtp's level-asymmetry-allowed makes it a matter of each direction, and a decoder that is asked for too much drops frames.
std::optional<H264Profile> h264_profile(const Codec& codec);

/// Those of the offer's codecs that can be forwarded, in its order, with the feedback that both have and the parameters that
/// Parley repeats. RED is kept when it wraps an Opus that is kept. FEC, comfort noise and telephone events are not: nobody here
/// understands them, and a browser does without.
std::vector<Codec> forwardable_codecs(Kind kind, const std::vector<Codec>& offered);

/// The feedback that Parley understands, of that which is offered.
std::vector<std::string> common_feedback(Kind kind, const std::vector<std::string>& offered);

/// The parameters that Parley repeats: those that say what the bitstream is, not what somebody would like it to be.
std::map<std::string, std::string> bitstream_parameters(const Codec& codec);

/// FlexFEC of draft-ietf-payload-flexible-fec-scheme-03, as browsers write it: an entry among the codecs that is none.
Codec flexfec_codec(PayloadType payload_type);
/// Its payload type, if there is such an entry.
std::optional<PayloadType> find_flexfec(const std::vector<Codec>& codecs);

/// Names are compared without case.
bool is_named(const Codec& codec, std::string_view name);
/// Whether the value of a parameter is exactly this one.
bool has_parameter(const Codec& codec, const std::string& key, std::string_view value);

}  // namespace parley::sdp
