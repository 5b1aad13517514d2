#include "sfu/media/bandwidth/loss_control.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace parley::media::bandwidth {

namespace {

double to_seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

/// The part of what is sent that a capacity cannot take.
double overflow(double sent_rate, double capacity) { return sent_rate > capacity ? (sent_rate - capacity) / sent_rate : 0; }

}  // namespace

void LossControl::add(Time sent, std::size_t bytes, bool lost) {
  if (!open_since_) open_since_ = sent;
  open_until_ = std::max(open_until_, sent);
  ++open_.packets;
  open_bytes_ += bytes;
  if (lost) {
    ++open_.lost;
  } else {
    open_arrived_bytes_ += bytes;
  }
}

void LossControl::update(Time now, double estimate) {
  if (!open_since_ || open_until_ - *open_since_ < observation_time || open_.packets < observation_packets) return;
  close_observation(now, estimate);
}

void LossControl::close_observation(Time now, double estimate) {
  const double elapsed = to_seconds(open_until_ - *open_since_);
  open_.sent_rate = static_cast<double>(open_bytes_) * 8 / elapsed;
  open_.arrived_rate = static_cast<double>(open_arrived_bytes_) * 8 / elapsed;
  const Observation newest = open_;
  observations_[count_++ % window] = newest;
  open_ = {};
  open_bytes_ = open_arrived_bytes_ = 0;
  open_since_.reset();

  const double newest_loss = newest.lost / newest.packets;
  loss_ = 0.7 * loss_ + 0.3 * newest_loss;
  if (newest_loss > harmless && self_inflicted(newest)) {
    reduce(now, backoff * newest.arrived_rate);
  } else if (loss_ > intolerable) {
    reduce(now, std::min(estimate, newest.sent_rate) * (1 - loss_ / 2));
  } else if (limit_ && now >= held_until_) {
    raise(now, newest.arrived_rate, estimate);
  }
}

bool LossControl::self_inflicted(const Observation& newest) const {
  const double limited = likelihood(newest.arrived_rate);
  const double always = likelihood(std::numeric_limits<double>::infinity());
  // Our own rate is presumed innocent, but not beyond what repair can hide, nor when it was guilty before.
  const bool suspect = loss_ > severe || (limit_ && loss_ > harmless);
  return limited > always + (suspect ? -evidence : evidence);
}

double LossControl::inherent_loss(double capacity) const {
  double lost = 0;
  double exposed = 0;
  double weight = 1;
  for (std::size_t age = 0; age < std::min(count_, window); ++age, weight *= ageing) {
    const Observation& seen = observations_[(count_ - 1 - age) % window];
    const double beyond = overflow(seen.sent_rate, capacity);
    lost += weight * (seen.lost - seen.packets * beyond);
    exposed += weight * seen.packets * (1 - beyond);
  }
  return std::clamp(lost / std::max(exposed, 1.0), 1e-4, 0.5);
}

double LossControl::likelihood(double capacity) const {
  const double inherent = inherent_loss(capacity);
  double sum = 0;
  double weight = 1;
  for (std::size_t age = 0; age < std::min(count_, window); ++age, weight *= ageing) {
    const Observation& seen = observations_[(count_ - 1 - age) % window];
    const double probability = std::clamp(inherent + (1 - inherent) * overflow(seen.sent_rate, capacity), 1e-4, 1 - 1e-4);
    sum += weight * (seen.lost * std::log(probability) + (seen.packets - seen.lost) * std::log(1 - probability));
  }
  return sum;
}

void LossControl::reduce(Time now, double limit) {
  if (!limit_) hold_ = shortest_hold;
  if (limit_ && now >= held_until_) hold_ = std::min<Duration>(2 * hold_, longest_hold);  // doubted, and found again
  limit_ = limit_ ? std::min(*limit_, limit) : limit;
  held_until_ = now + hold_;
  raised_at_ = held_until_;
}

void LossControl::raise(Time now, double arrived_rate, double estimate) {
  // What arrives now, with losses that have another cause, is below every limit that there may be.
  limit_ = std::max(*limit_ * std::pow(growth, to_seconds(now - raised_at_)), backoff * arrived_rate);
  raised_at_ = now;
  // Everything else limits much earlier: this is history.
  if (*limit_ > 1.5 * estimate) limit_.reset();
}

}  // namespace parley::media::bandwidth
