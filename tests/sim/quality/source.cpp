#include "tests/sim/quality/source.hpp"

#include <algorithm>
#include <utility>

namespace parley::quality {

std::optional<std::size_t> Source::take_frame(Time now, std::uint64_t estimate) {
  if (now < next_frame_) return {};
  const Duration interval = nanoseconds(1'000'000'000 / frames_per_second);
  next_frame_ = std::max(next_frame_ + interval, now);
  double rate = static_cast<double>(std::clamp(estimate, settings_.minimum, settings_.maximum));
  if (!settings_.layers.empty()) {
    choose_layer(now, estimate);
    rate = static_cast<double>(settings_.layers[layer_]);
  }
  // No encoder hits its target with every frame.
  double bytes = rate / 8 / frames_per_second * (0.8 + 0.4 * random_.uniform());
  if (std::exchange(key_frame_, false) && !settings_.layers.empty()) bytes *= key_frame_size;
  return static_cast<std::size_t>(bytes);
}

void Source::choose_layer(Time now, std::uint64_t estimate) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < settings_.layers.size(); ++i) {
    const double margin = i > layer_ ? up_margin : 1;
    if (static_cast<double>(settings_.layers[i]) * margin <= static_cast<double>(estimate)) best = i;
  }
  if (best == layer_) {
    next_layer_.reset();
  } else if (next_layer_ != best) {
    if (!next_layer_) switch_at_ = now + key_frame_delay;
    next_layer_ = best;
  }
  if (next_layer_ && now >= switch_at_) {
    layer_ = *std::exchange(next_layer_, std::nullopt);
    key_frame_ = true;
  }
}

}  // namespace parley::quality
