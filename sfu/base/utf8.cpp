// RFC 3629's table of well-formed byte sequences, read one character at a time.

#include "sfu/base/utf8.hpp"

namespace parley {
namespace {

std::size_t sequence_size(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

}  // namespace

Utf8Character first_character(std::string_view text) {
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
  return overlong || surrogate || code > 0x10FFFF ? Utf8Character{} : Utf8Character{code, size};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto character = first_character(text);
    if (character.size == 0) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

}  // namespace parley
