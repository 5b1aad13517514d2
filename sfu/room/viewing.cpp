#include "sfu/room/viewing.hpp"

#include <algorithm>
#include <cmath>

namespace parley::room {
namespace {

control::Limit limit_of(media::Limit limit) {
  switch (limit) {
    case media::Limit::none:
      return control::Limit::none;
    case media::Limit::bandwidth:
      return control::Limit::bandwidth;
    case media::Limit::viewport:
      return control::Limit::viewport;
    case media::Limit::publisher:
      return control::Limit::publisher;
    case media::Limit::cpu:
      return control::Limit::cpu;
    case media::Limit::policy:
      return control::Limit::policy;
  }
  return control::Limit::none;
}

bool differs(std::uint64_t before, std::uint64_t now) {
  const auto larger = static_cast<double>(std::max(before, now));
  return std::abs(static_cast<double>(now) - static_cast<double>(before)) > Viewing::noticeable * larger;
}

/// What a person sees at once.
bool looks_different(control::Picture before, control::Picture now) {
  before.bits_per_second = now.bits_per_second = 0;
  return before != now;
}

}  // namespace

control::Picture picture_of(const media::OfferedQuality& offered) {
  return {.encoding = static_cast<std::uint8_t>(offered.quality.encoding.value),
          .spatial = offered.quality.spatial,
          .temporal = offered.quality.temporal,
          .width = offered.width,
          .height = offered.height,
          .bits_per_second = offered.bits_per_second};
}

std::string_view Viewing::pause() const {
  if (grant_.quality) return {};
  if (grant_.limit == media::Limit::policy) return "policy";
  if (!view_.visible) return "viewport";
  return grant_.limit == media::Limit::bandwidth ? "bandwidth" : "";
}

std::string words_for_pause(std::string_view reason) {
  if (reason == "bandwidth") return "Your connection carries too little for this video now.";
  if (reason == "viewport") return "This video is not shown now.";
  return "Only those who spoke last are shown.";
}

std::optional<control::QualityChanged> Viewing::tell(Time now, const control::Picture& current, std::uint64_t estimate) {
  control::QualityChanged event;
  event.track = grant_.track;
  event.current = current;
  event.current.paused = !pause().empty();
  if (grant_.wanted) event.wanted = picture_of(*grant_.wanted);
  event.limit = limit_of(grant_.limit);
  event.estimate_bits_per_second = estimate;
  if (told_) {
    const bool changed = looks_different(told_->current, event.current) || looks_different(told_->wanted, event.wanted) ||
                         told_->limit != event.limit;
    const bool wavers = differs(told_->current.bits_per_second, event.current.bits_per_second) ||
                        differs(told_->estimate_bits_per_second, estimate);
    if (!changed && !wavers) return {};
    if (now - told_at_ < (changed ? shortest_interval : usual_interval)) return {};
  }
  told_ = event;
  told_at_ = now;
  return event;
}

}  // namespace parley::room
