// One transport for the whole description: everything must be in one bundle (RFC 9143). A section may leave out what the first
// one of the bundle says (RFC 9143 section 7.1.3), so only what is there is compared.

#include <algorithm>

#include "sfu/sdp/negotiate.hpp"

namespace parley::sdp {
namespace {

/// The sections that are not rejected, those named first in the bundle first: RFC 9143's offerer- or answerer-tagged one.
std::vector<const Section*> bundled_sections(const Session& session) {
  std::vector<const Section*> sections;
  for (const Section& section : session.sections)
    if (!section.rejected()) sections.push_back(&section);
  if (!session.bundle.empty())
    std::stable_partition(sections.begin(), sections.end(), [&](const Section* it) { return it->mid == session.bundle.front(); });
  return sections;
}

std::optional<Error> unbundled(const Session& session, const std::vector<const Section*>& sections) {
  if (session.bundle.empty() && sections.size() == 1) return std::nullopt;
  for (const Section* section : sections) {
    const bool inside = std::find(session.bundle.begin(), session.bundle.end(), section->mid) != session.bundle.end();
    const bool same_ice = section->ice_ufrag.empty() || (section->ice_ufrag == sections.front()->ice_ufrag &&
                                                         section->ice_password == sections.front()->ice_password);
    if (!inside || !same_ice)
      return Error{"sdp_not_bundled", "Section \"" + section->mid +
                                          "\" is not in the bundle of the others; all media has to share one transport "
                                          "(a=group:BUNDLE with every mid, the same ICE credentials)."};
  }
  return std::nullopt;
}

}  // namespace

Result<RemoteTransport> remote_transport(const Session& session) {
  const auto sections = bundled_sections(session);
  if (sections.empty()) return Error{"sdp_no_ice", "The description has no section that is in use, so it has no transport."};
  if (auto error = unbundled(session, sections)) return *error;

  const Section& first = *sections.front();
  if (first.ice_ufrag.empty() || first.ice_password.empty())
    return Error{"sdp_no_ice", "Section \"" + first.mid + "\" has no a=ice-ufrag and a=ice-pwd."};
  if (first.fingerprints.empty())
    return Error{"sdp_no_fingerprint", "Section \"" + first.mid + "\" has no a=fingerprint; media is only taken over DTLS-SRTP."};
  for (const Section* section : sections)
    if (section->setup == Setup::passive)
      return Error{"sdp_setup", "Section \"" + section->mid +
                                    "\" says a=setup:passive; the server is the passive side, so the client has to be active."};
  const auto media =
      std::find_if(sections.begin(), sections.end(), [](const Section* it) { return it->kind != Kind::application; });
  if (media != sections.end() && !(*media)->rtcp_mux)
    return Error{"sdp_no_rtcp_mux", "Section \"" + (*media)->mid + "\" has no a=rtcp-mux; RTP and RTCP have to share a port."};
  return RemoteTransport{first.ice_ufrag, first.ice_password, first.fingerprints};
}

}  // namespace parley::sdp
