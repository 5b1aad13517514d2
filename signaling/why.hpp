#pragma once
// Why somebody gets the picture that they get: the Hub's summary as the JSON of GET /api/why, each limit as a sentence, and the
// table that `parley why` prints. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "signaling/hub.hpp"

namespace parley::signaling {

std::string write_why(const WhySummary& summary);

/// One sentence: what decided that this subscription gets what it gets.
std::string explain(const WhySummary& summary, const WhySummary::Entry& entry);

/// The table for a terminal, from the text of write_why(). Nothing when it is not such a text.
std::optional<std::string> why_table(std::string_view text);

}  // namespace parley::signaling
