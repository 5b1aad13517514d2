#pragma once
// Offer/answer (RFC 3264, RFC 8829) for the three conversations that Parley has. All functions are pure.
//
//   publish    the client offers what it sends          -> answer_publish()
//   subscribe  the worker offers what the client gets   -> offer_subscribe(), then accept_answer()
//   play       the client offers to receive (WHEP)      -> answer_play()

#include <optional>
#include <string>
#include <vector>

#include "sfu/sdp/session.hpp"

namespace parley::sdp {

/// Our end of the transport, the same for every section of a bundle. Always ICE-lite; always DTLS-passive.
struct LocalTransport {
  std::string ice_ufrag;
  std::string ice_password;
  Fingerprint fingerprint;
  std::vector<std::string> candidates;  ///< "candidate:..." lines, all of them: nothing is trickled later
};

/// The other end of the transport.
struct RemoteTransport {
  std::string ice_ufrag;
  std::string ice_password;
  std::vector<Fingerprint> fingerprints;
};

/// What the sections of a description agree on. Refused: "sdp_not_bundled" (sections differ in ICE or are outside of the
/// bundle), "sdp_no_fingerprint", "sdp_no_ice", "sdp_no_rtcp_mux", "sdp_setup" (it insists on a role that we need).
Result<RemoteTransport> remote_transport(const Session& session);

/// Wishes for one section that a client publishes.
struct PublishWish {
  std::string mid;
  bool stereo = false;
  bool dtx = false;
};

/// A section on which we receive.
struct ReceiveSection {
  std::string mid;
  Kind kind = Kind::audio;
  bool active = false;  ///< false: rejected, or the client has stopped sending on it
  std::vector<Codec> codecs;
  std::vector<HeaderExtension> extensions;
  std::vector<std::string> rids;
  std::vector<SignalledStream> streams;  ///< hints; simulcast sections of Chromium have none
};

/// Data channels (RFC 8841), as the client offers them.
struct DataSection {
  std::uint16_t remote_port = 0;
  std::uint64_t remote_maximum_message = default_maximum_message;  ///< in bytes; 0: any size
};
/// What we offer and answer: our port, of which nothing depends, and the largest message that the transport takes.
inline constexpr std::uint16_t sctp_port = 5000;
inline constexpr std::uint64_t maximum_message = 262144;

struct PublishAnswer {
  Session answer;
  std::vector<ReceiveSection> sections;  ///< the audio and video sections, in the order of the offer
  std::optional<DataSection> data;       ///< when the offer has data channels, which are accepted
};

/// Answers what a client publishes: takes every codec and header extension that Parley can forward, in the client's
/// order, the dependency descriptor and extmap-allow-mixed only for AV1 (sdp/extensions.hpp says why), and the first section of
/// WebRTC's data channels; other application sections are rejected with port 0. Refused "sdp_no_common_codec" when a section that
/// sends has none, and as remote_transport().
Result<PublishAnswer> answer_publish(const Session& offer, const LocalTransport& local, const std::vector<PublishWish>& wishes);

/// A section on which we send one track. Sections keep their place for the life of a connection; one whose track has
/// ended becomes inactive and may be used again for another track of the same kind.
struct SendSection {
  std::string mid;
  Kind kind = Kind::audio;
  bool active = false;
  std::vector<Codec> codecs;  ///< ours in an offer; what both have (with the client's payload types) once accepted
  std::vector<HeaderExtension> extensions;
  Ssrc ssrc;
  std::optional<Ssrc> rtx_ssrc;
  std::optional<PayloadType> flexfec;  ///< of FlexFEC-03 repair packets, on an SSRC of their own; only for video
  std::optional<Ssrc> flexfec_ssrc;
  std::string cname;
  std::string stream_id;  ///< the same for all tracks that belong together
  std::string track_id;
};

/// The codecs of a publication as we offer them to a subscriber: our own fixed payload types, our feedback. With Opus always
/// comes RED, which can be made of it: a receiver that wants it prefers it in its answer.
std::vector<Codec> offered_codecs(Kind kind, const std::vector<Codec>& published);
/// Our payload type of FlexFEC-03.
inline constexpr PayloadType flexfec_payload_type{49};
/// The header extensions that we offer to a subscriber, with our own fixed ids (1..14, see extensions.hpp). `codecs` are what we
/// offer beside them, the one that the publisher sends first.
std::vector<HeaderExtension> offered_extensions(Kind kind, const std::vector<Codec>& codecs);

/// The offer of the receiving connection. All sections are in one bundle, the candidates stand in the first. A section that is
/// not active is offered inactive; one without codecs is offered as rejected. Its place may be used again later, with a new
/// mid as RFC 8829 section 5.2.2 wants it, or with the old one, which both browsers take too.
Session offer_subscribe(const std::vector<SendSection>& sections, const LocalTransport& local, std::uint64_t version);

/// What is left of our sections after the client's answer: codecs and extensions that it took, with its ids, in its order. A
/// section that it rejected, or in which no codec is left, comes back with empty codecs; one on which it doesn't receive
/// comes back not active. Refused "sdp_mismatch" when the sections of the answer are not those of the offer, "sdp_setup"
/// when it wants to be the DTLS server.
Result<std::vector<SendSection>> accept_answer(const std::vector<SendSection>& offered, const Session& answer);

struct PlayAnswer {
  Session answer;
  std::vector<SendSection> sections;  ///< codecs: all that Parley can forward and the client can receive
};

/// Answers a WHEP offer. `reserve` gives each audio or video section, in order, its SSRCs and names; kind and mid are filled in
/// from the offer. Sections beyond `reserve` are rejected and come back without codecs, and so do application sections in the
/// answer. Refused "sdp_no_common_codec", "sdp_not_receiving" (a section that only sends), and as remote_transport().
Result<PlayAnswer> answer_play(const Session& offer, const LocalTransport& local, const std::vector<SendSection>& reserve);

/// The codec in `available` that is the same as `wanted`: by name, clock, channels, and what the codec's own rules make
/// part of its identity (H.264 profile and packetization-mode, VP9 profile-id, AV1 profile). Null: none.
const Codec* find_codec(const std::vector<Codec>& available, const Codec& wanted);

/// WHIP PATCH: what an application/trickle-ice-sdpfrag (RFC 8840) says.
struct Fragment {
  std::string mid = "0";  ///< of the first section that it names
  std::string ice_ufrag;  ///< empty when absent
  std::string ice_password;
  std::vector<std::string> candidates;
  bool end_of_candidates = false;
  bool operator==(const Fragment&) const = default;
};
/// Refused "sdp_invalid", also when it has an ice-ufrag without ice-pwd or several that differ.
Result<Fragment> parse_fragment(std::string_view text);
std::string write_fragment(const Fragment& fragment, bool ice_lite);

}  // namespace parley::sdp
