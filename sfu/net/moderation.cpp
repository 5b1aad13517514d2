#include "sfu/net/moderation.hpp"

#include <algorithm>

namespace parley::net {

void Moderation::looked(Time now, std::uint64_t runs, bool all) {
  const bool silent = now - last_ >= window;
  last_ = now;
  left_some_ = !all;
  runs_ += static_cast<std::int64_t>(runs);
  const Duration passed = now - window_begin_;
  if (passed < window) return;
  busy_ = !silent && runs_ >= busy * (passed / interval);
  window_begin_ = now;
  runs_ = 0;
}

Duration Moderation::rest(Time now) const {
  if (!busy_ || left_some_) return Duration{0};
  return std::max(Duration{0}, last_ + interval - now);
}

}  // namespace parley::net
