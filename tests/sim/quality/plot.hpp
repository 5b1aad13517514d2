#pragma once
// A recording as a picture: an SVG of panels one above the other, with a common axis of time.

#include <string>

#include "tests/sim/quality/case.hpp"

namespace parley::quality {

std::string plot(const std::string& title, const Recording& recording);

}  // namespace parley::quality
