#pragma once
// A session description (RFC 8866) as a value, as far as WebRTC uses it (RFC 8829), in the terms of the field. What
// Parley does not know is left out when an answer is made, never copied.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/base/result.hpp"

namespace parley::sdp {

enum class Kind : std::uint8_t { audio, video, application };
enum class Direction : std::uint8_t { inactive, sendonly, recvonly, sendrecv };
/// RFC 4145, RFC 5763: who begins the DTLS handshake.
enum class Setup : std::uint8_t { actpass, active, passive };

struct Fingerprint {
  std::string algorithm;  ///< lower case, "sha-256"
  std::vector<std::uint8_t> digest;
  bool operator==(const Fingerprint&) const = default;
};

/// A media codec with its payload type, and its retransmission format when there is one.
struct Codec {
  std::string name;  ///< as registered: "opus", "red", "PCMU", "VP8", "VP9", "H264", "AV1"; compared without case
  std::uint32_t clock_rate = 0;
  std::uint8_t channels = 1;
  PayloadType payload_type;
  std::optional<PayloadType> rtx;                 ///< RFC 4588, a=fmtp:<rtx> apt=<payload_type>
  std::map<std::string, std::string> parameters;  ///< a=fmtp; a parameter without '=' (such as red's "111/111") has the key ""
  std::vector<std::string> feedback;              ///< a=rtcp-fb: "nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"
  bool operator==(const Codec&) const = default;
};

struct HeaderExtension {
  std::uint8_t id = 0;
  std::string uri;
  std::optional<Direction> direction;
  bool operator==(const HeaderExtension&) const = default;
};

/// One RTP stream that a=ssrc lines announce, with its retransmission SSRC from a=ssrc-group:FID and that of its forward error
/// correction from a=ssrc-group:FEC-FR (RFC 5956).
struct SignalledStream {
  Ssrc ssrc;
  std::optional<Ssrc> rtx;
  std::string cname;
  std::optional<Ssrc> fec{};
  bool operator==(const SignalledStream&) const = default;
};

/// RFC 8841 section 6.1: what a peer takes that does not say.
inline constexpr std::uint64_t default_maximum_message = 65536;

/// One m= section. Session-level attributes that apply to it (fingerprint, ICE, setup, direction) are merged in by parse().
struct Section {
  Kind kind = Kind::audio;
  std::string mid;         ///< made up from the position ("0", "1") when absent
  std::uint16_t port = 9;  ///< 0 with !bundle_only: rejected
  bool bundle_only = false;
  std::string protocol = "UDP/TLS/RTP/SAVPF";
  Direction direction = Direction::sendrecv;
  std::vector<Codec> codecs;  ///< in the order of preference of the m= line, without rtx
  std::vector<HeaderExtension> extensions;
  bool extmap_allow_mixed = false;
  std::vector<std::string> send_rids;  ///< a=rid:<id> send, in the order of a=simulcast:send (RFC 8853)
  std::vector<std::string> receive_rids;
  std::vector<SignalledStream> streams;
  std::string stream_id;  ///< first token of a=msid, "-" or empty: none
  std::string track_id;   ///< second token of a=msid
  bool rtcp_mux = true;
  bool reduced_size_rtcp = true;

  std::uint16_t sctp_port = 0;                              ///< a=sctp-port of a data section (RFC 8841); 0: absent
  std::uint64_t maximum_message = default_maximum_message;  ///< its a=max-message-size in bytes; 0: any size

  std::string ice_ufrag;
  std::string ice_password;
  Setup setup = Setup::actpass;
  std::vector<Fingerprint> fingerprints;
  std::vector<std::string> candidates;  ///< "candidate:..." without "a="
  bool end_of_candidates = false;

  bool rejected() const { return port == 0 && !bundle_only; }
  bool operator==(const Section&) const = default;
};

struct Session {
  std::string origin_id = "1";
  std::uint64_t origin_version = 1;
  bool ice_lite = false;
  std::vector<std::string> bundle;  ///< the mids of a=group:BUNDLE
  std::vector<Section> sections;
  bool operator==(const Session&) const = default;
};

/// Largest description read: a page with 20 received videos offers about 120 kB.
inline constexpr std::size_t maximum_description = 256 * 1024;

/// Refused with code "sdp_invalid" and a sentence that names the line.
Result<Session> parse(std::string_view text);
/// CRLF line ends. parse(write(s)) == s for every s that negotiate.hpp makes.
std::string write(const Session& session);

}  // namespace parley::sdp
