#pragma once
// The generated pictures of the clips: shapes that move over a shaded ground, grain as a camera has it so that a codec has
// something to do, and the frame's number. The same for the same number and size.

#include <cstdint>

#include "loadtest/clips/picture.hpp"

namespace parley::loadtest {

void film(std::uint32_t number, Picture& picture);

}  // namespace parley::loadtest
