#include "sfu/media/bandwidth/prober.hpp"

#include <algorithm>
#include <utility>

namespace parley::media::bandwidth {

std::optional<Probe> Prober::take(Time now, const PathView& path) {
  if (now < look_at_) return {};
  if (outstanding_) fail();
  look_at_ = now + look_interval;
  const std::optional<double> rate = wanted_rate(now, path);
  const double ceiling = path.wanted * wanted_margin;
  if (!rate || std::min(*rate, ceiling) <= path.estimate) return {};
  return make(now, std::min(*rate, ceiling));
}

std::optional<double> Prober::wanted_rate(Time now, const PathView& path) {
  if (path.congested) {
    congested_at_ = now;
    next_.reset();
    return {};
  }
  if (!started_) {
    started_ = true;
    return first_factor * path.estimate;
  }
  if (next_) return std::exchange(next_, std::nullopt);
  if (path.dropped_at && path.dropped_at != recovered_drop_ && path.estimate < large_drop * path.before_drop) {
    const Duration since = now - *path.dropped_at;
    if (since < quiet_after_drop) return {};
    recovered_drop_ = path.dropped_at;
    if (since < recovery_time) return recovery * path.before_drop;
  }
  // What is sent fills the estimate, but the next layer is a step that the estimate would take long to climb.
  const bool calm = !path.loses && now - std::max(congested_at_, path.dropped_at.value_or(Time{})) >= calm_after;
  if (now < next_periodic_ || !(path.application_limited || calm)) return {};
  return factor * path.estimate;
}

void Prober::receive_result(Time now, ProbeId id, double bits_per_second, const PathView& path) {
  if (!outstanding_ || outstanding_->id != id) return;
  const bool succeeded = bits_per_second > success * static_cast<double>(outstanding_->bits_per_second);
  if (succeeded && bits_per_second < path.wanted * wanted_margin) next_ = factor * bits_per_second;
  failures_ = succeeded ? 0 : failures_ + 1;
  outstanding_.reset();
  look_at_ = now;
  next_periodic_ = now + std::min<Duration>(interval * std::max(patience, failures_) / patience, longest_interval);
}

Probe Prober::make(Time now, double bits_per_second) {
  const double seconds_long = static_cast<double>(shortest_probe.count()) / 1e9;
  const auto bytes = static_cast<std::size_t>(bits_per_second / 8 * seconds_long);
  outstanding_ = Probe{.id = {++last_id_},
                       .bits_per_second = static_cast<std::uint64_t>(bits_per_second),
                       .bytes = std::max(bytes, Probe::packets * packet_bytes)};
  look_at_ = now + timeout;
  next_periodic_ = now + interval;
  return *outstanding_;
}

void Prober::fail() {
  outstanding_.reset();
  next_.reset();
  ++failures_;
}

}  // namespace parley::media::bandwidth
