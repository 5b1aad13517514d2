#include "sfu/room/wanted_encodings.hpp"

namespace parley::room {

bool WantedEncodings::update(Time now, std::optional<media::Layer> highest) {
  if (highest == highest_) {
    less_since_.reset();
    return false;
  }
  if (highest < highest_) {
    if (!less_since_) less_since_ = now;
    if (now - *less_since_ < patience) return false;
  }
  less_since_.reset();
  highest_ = highest;
  return true;
}

}  // namespace parley::room
