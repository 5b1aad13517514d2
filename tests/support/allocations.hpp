#pragma once
// Counts what operator new is asked for, in programs that link allocations.cpp.

#include <cstdint>

namespace parley::test {

/// Since the start.
std::uint64_t allocations();
/// Bytes that are allocated now and not freed yet, with what malloc adds to them.
std::uint64_t allocated_bytes();

}  // namespace parley::test
