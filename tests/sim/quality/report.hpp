#pragma once
// The outcome of a case for people and for programs.

#include <cstdint>
#include <string>

#include "tests/sim/quality/case.hpp"

namespace parley::quality {

/// A table of what was wanted and what was measured.
std::string table(const Case& played, std::uint64_t seed, const Outcome& outcome);
/// One object: case, seed, reached, figures.
std::string json(const Case& played, std::uint64_t seed, const Outcome& outcome);

}  // namespace parley::quality
