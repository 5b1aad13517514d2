#pragma once
// UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley {

struct Utf8Character {
  std::uint32_t code = 0;
  std::size_t size = 0;  ///< 0: not UTF-8
};
/// `text` is not empty.
Utf8Character first_character(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace parley
