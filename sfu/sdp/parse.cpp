// Reads a description line by line. The session's own lines are few; all that belongs to a section is SectionDraft's.

#include <algorithm>

#include "sfu/sdp/limits.hpp"
#include "sfu/sdp/section_draft.hpp"
#include "sfu/sdp/session.hpp"
#include "sfu/sdp/text.hpp"

namespace parley::sdp {
namespace {

class Parser {
 public:
  Complaint line(std::string_view text);
  bool empty() const { return !begun_; }
  Session finish() &&;

 private:
  Complaint origin(std::string_view value);
  Complaint media(std::string_view value);
  Complaint attribute(std::string_view value);
  Complaint session_attribute(std::string_view name, std::string_view value);
  bool taken(std::string_view mid, const SectionDraft* by) const;
  void make_up_mids();

  Session session_;
  SectionDraft session_level_;
  std::vector<SectionDraft> drafts_;
  bool begun_ = false;
};

Complaint Parser::line(std::string_view text) {
  const std::string_view value = text.substr(2);
  if (!begun_ && text != "v=0") return "a description begins with v=0";
  begun_ = true;
  switch (text[0]) {
    case 'o':
      return origin(value);
    case 'm':
      return media(value);
    case 'a':
      return attribute(value);
    default:
      return {};
  }
}

Complaint Parser::origin(std::string_view value) {
  const auto words = split(value, ' ');
  if (words.size() != 6 || !is_word(words[1])) return "an o= line has six words";
  const auto version = parse_number<std::uint64_t>(words[2]);
  if (!version) return "the version is not a 64-bit number";
  session_.origin_id = words[1];
  session_.origin_version = *version;
  return {};
}

Complaint Parser::media(std::string_view value) {
  if (drafts_.size() == maximum_sections) return "there are more than " + std::to_string(maximum_sections) + " sections";
  return drafts_.emplace_back().open(value);
}

Complaint Parser::attribute(std::string_view value) {
  const std::string_view name = take_until(value, ':');
  if (drafts_.empty()) return session_attribute(name, value);
  SectionDraft& draft = drafts_.back();
  Complaint complaint = draft.attribute(name, value);
  if (complaint.empty() && name == "mid" && taken(draft.mid(), &draft)) return "two sections have this mid";
  return complaint;
}

Complaint Parser::session_attribute(std::string_view name, std::string_view value) {
  if (name == "ice-lite") session_.ice_lite = true;
  if (name != "group") return session_level_.attribute(name, value);
  auto words = split(value, ' ');
  // Only one bundle can be ours: the sections of a second one are found to be outside by remote_transport().
  if (words.empty() || words[0] != "BUNDLE" || !session_.bundle.empty()) return {};
  if (words.size() > 1 + maximum_sections) return "a group has more than " + std::to_string(maximum_sections) + " members";
  session_.bundle.assign(words.begin() + 1, words.end());
  return {};
}

bool Parser::taken(std::string_view mid, const SectionDraft* by) const {
  return std::any_of(drafts_.begin(), drafts_.end(),
                     [&](const SectionDraft& draft) { return &draft != by && draft.mid() == mid; });
}

void Parser::make_up_mids() {
  std::size_t number = 0;
  for (SectionDraft& draft : drafts_) {
    if (draft.has_mid()) continue;
    number = std::max(number, static_cast<std::size_t>(&draft - drafts_.data()));
    while (taken(std::to_string(number), nullptr)) ++number;
    draft.identify(std::to_string(number));
  }
}

Session Parser::finish() && {
  make_up_mids();
  for (SectionDraft& draft : drafts_) {
    draft.inherit(session_level_);
    session_.sections.push_back(std::move(draft).finish());
  }
  std::vector<std::string> bundle;
  for (std::string& mid : session_.bundle) {
    const bool known =
        std::any_of(session_.sections.begin(), session_.sections.end(), [&](const Section& it) { return it.mid == mid; });
    if (known && std::find(bundle.begin(), bundle.end(), mid) == bundle.end()) bundle.push_back(std::move(mid));
  }
  session_.bundle = std::move(bundle);
  return std::move(session_);
}

}  // namespace

Result<Session> parse(std::string_view text) {
  Parser parser;
  if (auto error = read_lines(text, [&](std::string_view line) { return parser.line(line); })) return *error;
  if (parser.empty()) return Error{"sdp_invalid", "The description is empty."};
  return std::move(parser).finish();
}

}  // namespace parley::sdp
