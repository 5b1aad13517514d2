// RFC 8840 application/trickle-ice-sdpfrag: the ICE lines of a description without the rest of it. There is one transport, so
// it does not matter in which section of the fragment a line stands.

#include <algorithm>

#include "sfu/sdp/lines.hpp"
#include "sfu/sdp/negotiate.hpp"
#include "sfu/sdp/section_draft.hpp"

namespace parley::sdp {
namespace {

class FragmentReader {
 public:
  Complaint line(std::string_view line) {
    if (!line.starts_with("a=")) return {};
    std::string_view value = line.substr(2);
    const std::string_view name = take_until(value, ':');
    if (name == "mid" && draft_.has_mid()) return {};
    if (name == "ice-ufrag" && !unchanged(ufrag_, value)) return "it contradicts an earlier ice-ufrag; there is one transport";
    if (name == "ice-pwd" && !unchanged(password_, value)) return "it contradicts an earlier ice-pwd; there is one transport";
    const bool ours = name.starts_with("ice-") || name == "mid" || name == "candidate" || name == "end-of-candidates";
    return ours ? draft_.attribute(name, value) : Complaint();
  }
  Fragment finish() {
    const Section section = std::move(draft_).finish();
    return {section.mid.empty() ? "0" : section.mid, section.ice_ufrag, section.ice_password, section.candidates,
            section.end_of_candidates};
  }

 private:
  static bool unchanged(std::string_view& known, std::string_view value) {
    if (known.empty()) known = value;
    return known == value;
  }

  SectionDraft draft_;
  std::string_view ufrag_;
  std::string_view password_;
};

}  // namespace

Result<Fragment> parse_fragment(std::string_view text) {
  FragmentReader reader;
  if (auto error = read_lines(text, [&](std::string_view line) { return reader.line(line); })) return *error;
  Fragment fragment = reader.finish();
  if (fragment.ice_ufrag.empty() != fragment.ice_password.empty())
    return Error{"sdp_invalid", "The fragment has only one of a=ice-ufrag and a=ice-pwd."};
  return fragment;
}

std::string write_fragment(const Fragment& fragment, bool ice_lite) {
  std::string text;
  const auto line = [&](std::string_view start, std::string_view rest = {}) { text.append(start).append(rest).append("\r\n"); };
  if (ice_lite) line("a=ice-lite");
  if (!fragment.ice_ufrag.empty()) {
    line("a=ice-ufrag:", fragment.ice_ufrag);
    line("a=ice-pwd:", fragment.ice_password);
  }
  // RFC 8840 section 9: candidates belong to a pseudo m= line, of which only the mid has a meaning.
  line("m=audio 9 UDP/TLS/RTP/SAVPF 0");
  line("a=mid:", fragment.mid);
  for (const auto& candidate : fragment.candidates) line("a=", candidate);
  if (fragment.end_of_candidates) line("a=end-of-candidates");
  return text;
}

}  // namespace parley::sdp
