#include "signaling/ice_fragment.hpp"

#include <algorithm>

namespace parley::signaling {
namespace {

bool is_ice_text(std::string_view text, std::size_t least) {
  const auto is_ice_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return text.size() >= least && text.size() <= 256 && std::ranges::all_of(text, is_ice_char);
}

bool is_sdp_line(std::string_view line) {
  constexpr std::string_view types = "vosiuepcbtrzkam";
  return line.size() >= 2 && line[1] == '=' && types.find(line[0]) != std::string_view::npos;
}

/// Takes the line over if it is one of ours. False when its value is impossible.
bool read_line(std::string_view line, IceFragment& fragment) {
  const auto take = [&](std::string_view prefix, std::string& target) {
    if (line.starts_with(prefix) && target.empty()) target = line.substr(prefix.size());
  };
  constexpr std::string_view ufrag = "a=ice-ufrag:", password = "a=ice-pwd:", candidate = "a=candidate:";
  if (line.starts_with(ufrag) && !is_ice_text(line.substr(ufrag.size()), 4)) return false;
  if (line.starts_with(password) && !is_ice_text(line.substr(password.size()), 22)) return false;
  take(ufrag, fragment.ufrag);
  take(password, fragment.password);
  take("a=mid:", fragment.mid);
  if (line.starts_with("m=") && fragment.media.empty()) fragment.media = line;
  if (line.starts_with("a=group:BUNDLE") && fragment.group.empty()) fragment.group = line;
  if (line.starts_with(candidate)) fragment.candidates.emplace_back(line.substr(2));
  return true;
}

}  // namespace

std::optional<IceFragment> parse_ice_fragment(std::string_view text) {
  IceFragment fragment;
  bool empty = true;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (!is_sdp_line(line) || !read_line(line, fragment)) return std::nullopt;
    empty = false;
  }
  return empty ? std::nullopt : std::optional(std::move(fragment));
}

std::string write_ice_fragment(const IceFragment& fragment) {
  std::string text = "a=ice-lite\r\na=ice-options:trickle\r\n";
  if (!fragment.group.empty()) text += fragment.group + "\r\n";
  if (!fragment.media.empty()) text += fragment.media + "\r\n";
  if (!fragment.mid.empty()) text += "a=mid:" + fragment.mid + "\r\n";
  text += "a=ice-ufrag:" + fragment.ufrag + "\r\na=ice-pwd:" + fragment.password + "\r\n";
  for (const std::string& candidate : fragment.candidates) text += "a=" + candidate + "\r\n";
  return text + "a=end-of-candidates\r\n";
}

}  // namespace parley::signaling
