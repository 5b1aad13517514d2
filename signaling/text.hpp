#pragma once
// What text from outside must be before anything else looks at it.

#include <string_view>

#include "sfu/base/utf8.hpp"

namespace parley::signaling {

using parley::is_utf8;

/// 1 to name_bytes_limit bytes of UTF-8 without control characters, nor those that turn the direction of writing (Unicode's
/// embeddings, overrides and isolates): what rooms, identities and names may be.
bool is_good_name(std::string_view text);

/// The longest prefix of at most `bytes` bytes that does not cut a character in two.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

}  // namespace parley::signaling
