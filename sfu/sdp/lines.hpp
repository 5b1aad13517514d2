#pragma once
// The lines of a description or of a fragment of one, each checked for its shape before anybody reads it.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "sfu/sdp/session.hpp"
#include "sfu/sdp/text.hpp"

namespace parley::sdp {

/// Why a line was refused, as the end of a sentence; empty: it was not.
using Complaint = std::string;

inline Complaint line_complaint(std::string_view line) {
  if (line.size() < 2 || line[1] != '=') return "a line is a letter, = and a value";
  if (std::any_of(line.begin(), line.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; }))
    return "it contains a control character";
  return {};
}

/// Gives each line without its end to `read(line)`, which returns a Complaint. The Error names the first line refused.
template <typename Read>
std::optional<Error> read_lines(std::string_view text, Read read) {
  if (text.size() > maximum_description)
    return Error{"sdp_invalid", "The description is longer than " + std::to_string(maximum_description) + " bytes."};
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take_until(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    Complaint complaint = line_complaint(line);
    if (complaint.empty()) complaint = read(line);
    if (!complaint.empty())
      return Error{"sdp_invalid", "Line " + std::to_string(number) + " of the description is refused: " + complaint + "."};
  }
  return std::nullopt;
}

}  // namespace parley::sdp
