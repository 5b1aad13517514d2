// RFC 3629's table of well-formed byte sequences, read one character at a time.

#include "signaling/text.hpp"

#include <cstddef>
#include <cstdint>

#include "signaling/limits.hpp"

namespace parley::signaling {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;  ///< 0: not UTF-8
};

std::size_t sequence_size(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

Character first_character(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  const std::size_t size = sequence_size(first);
  if (size == 0 || size > text.size()) return {};
  if (size == 1) return {first, 1};
  std::uint32_t code = first & (0xFFu >> (size + 1));
  for (const char c : text.substr(1, size - 1)) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xC0) != 0x80) return {};
    code = code << 6 | (byte & 0x3Fu);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? Character{} : Character{code, size};
}

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

/// Every character is well-formed and `accept` takes it.
template <typename Accept>
bool all_characters(std::string_view text, Accept accept) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.size == 0 || !accept(character.code)) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

}  // namespace

bool is_utf8(std::string_view text) {
  return all_characters(text, [](std::uint32_t) { return true; });
}

bool is_good_name(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes_limit &&
         all_characters(text, [](std::uint32_t code) { return !is_control(code); });
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<std::uint8_t>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace parley::signaling
