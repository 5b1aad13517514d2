#pragma once
// Asks the processor for memory that will be needed in a moment. A worker's receivers do not fit into its caches, and to wait for
// each of their lines in turn costs more than all that is done with them.

#include <cstddef>

namespace parley {

/// Bytes that the processor fetches at once. What is used together is aligned to it, and lies within as few as possible.
constexpr std::size_t cache_line = 64;

/// The lines from `begin` on, so many bytes. It may be a pointer to nothing.
inline void prefetch(const void* begin, std::size_t bytes = 1) {
  const auto* const at = static_cast<const char*>(begin);
  for (std::size_t i = 0; i < bytes; i += cache_line) __builtin_prefetch(at + i);
}

}  // namespace parley
