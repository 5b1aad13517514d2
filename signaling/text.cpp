#include "signaling/text.hpp"

#include <cstddef>
#include <cstdint>

#include "signaling/limits.hpp"

namespace parley::signaling {
namespace {

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }
/// Ends a line or a paragraph, or turns the direction of whatever is shown behind it: a name could reach into others' sentences.
bool is_format(std::uint32_t code) { return (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069); }

/// Every character is well-formed and `accept` takes it.
template <typename Accept>
bool all_characters(std::string_view text, Accept accept) {
  while (!text.empty()) {
    const auto character = first_character(text);
    if (character.size == 0 || !accept(character.code)) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

}  // namespace

bool is_good_name(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes_limit &&
         all_characters(text, [](std::uint32_t code) { return !is_control(code) && !is_format(code); });
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<std::uint8_t>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace parley::signaling
