#include "sfu/media/bandwidth/rate_control.hpp"

#include <algorithm>
#include <cmath>

namespace parley::media::bandwidth {

namespace {

double to_seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

/// Additive growth in a second: one packet in each response time.
double additive_growth(double rate, Duration round_trip) {
  // A frame of 1/30 s in packets of equal size, so that low rates grow by the small packets that they really have.
  const double frame = rate / 30;
  const double packet = frame / std::ceil(std::max(frame / RateControl::packet_bits, 1.0));
  return std::max(packet / to_seconds(std::min(round_trip, RateControl::longest_response) + RateControl::response_delay),
                  RateControl::smallest_increase);
}

}  // namespace

void RateControl::update(Time now, Usage usage, std::optional<double> throughput, Duration round_trip) {
  switch (usage) {
    case Usage::overusing:
      if (may_decrease(now, throughput, round_trip)) decrease(now, throughput, round_trip);
      break;
    case Usage::underusing:
      become(State::hold);
      break;
    case Usage::normal:
      if (state_ != State::increase) changed_at_ = now;
      become(State::increase);
      increase(now, throughput, round_trip);
      break;
  }
}

void RateControl::give_way(Time now, Duration round_trip) {
  if (gave_way_at_ && now - *gave_way_at_ < round_trip + response_delay) return;
  gave_way_at_ = now;
  set(now, gentle_backoff * rate_);
}

void RateControl::set_probed(Time now, double bits_per_second) {
  capacity_.add_probe(bits_per_second);
  set(now, bits_per_second);
}

void RateControl::limit(double bits_per_second) { rate_ = std::clamp(bits_per_second, minimum_, rate_); }

void RateControl::increase(Time now, std::optional<double> throughput, Duration round_trip) {
  if (throughput && *throughput > capacity_.upper_bound()) capacity_.reset();
  // Much more than this rate arrives, and no queue grows: no more proof is needed.
  if (throughput && rate_ < *throughput / headroom) set(now, *throughput / headroom);
  const double limit = throughput ? headroom * *throughput + headroom_constant : rate_;
  const double elapsed = std::min(to_seconds(now - changed_at_.value_or(now)), 1.0);
  const double step = capacity_.estimate() ? additive_growth(rate_, round_trip) * elapsed
                                           : std::max(rate_ * (std::pow(growth, elapsed) - 1), 1000 * elapsed);
  if (filled_ && rate_ < std::min(limit, useful_)) {
    set(now, std::min({rate_ + step, limit, useful_}));
  } else {
    changed_at_ = now;
  }
}

void RateControl::decrease(Time now, std::optional<double> throughput, Duration) {
  const double before = rate_;
  double reduced = throughput ? backoff * *throughput : rate_ / 2;
  // What arrives while a full queue drains may be more than what we send now: then the memory of the capacity is the better
  // guide.
  if (reduced > rate_ && capacity_.estimate()) reduced = backoff * *capacity_.estimate();
  if (throughput) {
    if (*throughput < capacity_.lower_bound()) capacity_.reset();
    capacity_.add_overuse(*throughput);
  }
  become(State::hold);
  set(now, std::min(reduced, rate_));
  decreased_at_ = now;
  rate_before_decrease_ = before;
}

bool RateControl::may_decrease(Time now, std::optional<double> throughput, Duration round_trip) const {
  const Duration interval = std::clamp<Duration>(round_trip, milliseconds(10), milliseconds(200));
  if (!decreased_at_ || now - *decreased_at_ >= interval) return true;
  return throughput && *throughput < rate_ / 2;
}

void RateControl::set(Time now, double rate) {
  rate_ = std::clamp(rate, minimum_, maximum_);
  changed_at_ = now;
}

}  // namespace parley::media::bandwidth
