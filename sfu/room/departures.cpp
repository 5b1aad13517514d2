#include "sfu/room/departures.hpp"

#include <algorithm>

#include "sfu/room/subscription.hpp"

namespace parley::room {

Departures::~Departures() {
  const auto is_this = [this](const Departures* other) { return other == this; };
  if (leaving_) context_.leaving.remove_if(is_this);
  if (waiting_) context_.waiting.remove_if(is_this);
}

void Departures::set_rate(std::uint64_t bits_per_second) {
  pacer_.set_rate(bits_per_second);
  if (waiting_) wait();
}

Departure* Departures::push(Time now, bool urgent, std::size_t bytes, Drops& drops) {
  Departure* const departure = pacer_.push(now, urgent, bytes);
  if (departure)
    announce(now);
  else
    drops.add(DropReason::pacer_full);
  return departure;
}

void Departures::announce(Time now) {
  if (leaving_ || pacer_.empty()) return;
  if (pacer_.wakeup() > now) return wait();
  leaving_ = true;
  if (context_.leaving.empty()) context_.leaving_since = now;
  context_.leaving.push(this);
}

void Departures::wait() {
  if (!waiting_) context_.waiting.push(this);
  waiting_ = true;
  context_.waiting_until = std::min(context_.waiting_until, pacer_.wakeup());
}

void Departures::flush(Time now, Output& out) {
  leaving_ = false;
  while (const auto* departure = pacer_.pop(now)) departure->subscription->depart(now, *departure, out);
  announce(now);
}

void Departures::end_wait(Time now) {
  waiting_ = false;
  announce(now);
}

void Departures::drop_media(const Subscription& subscription, Drops& drops) {
  pacer_.remove_if([&](const Departure& departure) {
    const bool dropped = departure.subscription == &subscription && departure.kind == Departure::Kind::media;
    if (dropped) drops.add(DropReason::pacer_outdated);
    return dropped;
  });
}

void Departures::forget(const Subscription& subscription) {
  pacer_.remove_if([&](const Departure& departure) { return departure.subscription == &subscription; });
}

}  // namespace parley::room
