#pragma once
// The ICE lines of an SDP: of an application/trickle-ice-sdpfrag body (RFC 8840 section 9) or of a whole offer. Signaling does
// not understand SDP, which is the worker's business; it only needs to tell a trickled candidate from an ICE restart.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::signaling {

struct IceFragment {
  std::string group;                    ///< "a=group:BUNDLE 0 1", or empty
  std::string media;                    ///< the first "m=" line, or empty
  std::string mid;                      ///< of the first section, or empty
  std::string ufrag;                    ///< the first one
  std::string password;                 ///< the first one
  std::vector<std::string> candidates;  ///< "candidate:...", without the "a="
};

/// Nothing when a line is no SDP line, or a credential is not what RFC 8839 section 5.4 permits.
std::optional<IceFragment> parse_ice_fragment(std::string_view text);

/// The body of the answer to an ICE restart (RFC 9725 section 4.3.3), from an ICE-lite server that has no more candidates.
std::string write_ice_fragment(const IceFragment& fragment);

}  // namespace parley::signaling
