#include "sfu/sdp/local_sections.hpp"

#include <algorithm>

#include "sfu/sdp/codecs.hpp"

namespace parley::sdp {

Section rejected_section(const Section& offered) {
  Section section;
  section.kind = offered.kind;
  section.mid = offered.mid;
  section.port = 0;
  section.protocol = offered.protocol;
  if (offered.kind == Kind::application) return section;
  section.direction = Direction::inactive;
  section.rtcp_mux = section.reduced_size_rtcp = false;
  return section;
}

Section media_section(Kind kind, const std::string& mid, const LocalTransport& local, Setup setup) {
  Section section;
  section.kind = kind;
  section.mid = mid;
  section.ice_ufrag = local.ice_ufrag;
  section.ice_password = local.ice_password;
  section.fingerprints = {local.fingerprint};
  section.setup = setup;
  return section;
}

void add_candidates(Session& session, const LocalTransport& local) {
  const auto first =
      std::find_if(session.sections.begin(), session.sections.end(), [](const Section& it) { return !it.rejected(); });
  if (first == session.sections.end()) return;
  first->candidates = local.candidates;
  first->end_of_candidates = true;
}

Session empty_answer(const Session& offer) {
  Session answer;
  answer.ice_lite = true;
  // RFC 3264 section 8: the version rises with each change; a client raises its own with each offer, so it serves for both.
  answer.origin_version = offer.origin_version;
  return answer;
}

void add_section(Session& answer, const Session& offer, Section section) {
  const bool bundled = std::find(offer.bundle.begin(), offer.bundle.end(), section.mid) != offer.bundle.end();
  if (bundled && !section.rejected()) answer.bundle.push_back(section.mid);
  answer.sections.push_back(std::move(section));
}

void announce_stream(const SendSection& send, Section& section) {
  section.stream_id = send.stream_id;
  section.track_id = send.track_id;
  // Chromium refuses a second SSRC in a section where nothing is retransmitted, such as audio.
  const bool rtx =
      std::any_of(section.codecs.begin(), section.codecs.end(), [](const Codec& codec) { return codec.rtx.has_value(); });
  const bool fec = send.flexfec && send.flexfec_ssrc;
  section.streams = {{send.ssrc, rtx ? send.rtx_ssrc : std::nullopt, send.cname, fec ? send.flexfec_ssrc : std::nullopt}};
  if (fec) section.codecs.push_back(flexfec_codec(*send.flexfec));
}

}  // namespace parley::sdp
