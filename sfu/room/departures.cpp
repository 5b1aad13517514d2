#include "sfu/room/departures.hpp"

#include "sfu/room/subscription.hpp"

namespace parley::room {

Departures::~Departures() {
  if (announced_) context_.leaving.remove_if([this](const Departures* other) { return other == this; });
}

Departure* Departures::push(Time now, bool urgent, std::size_t bytes, Drops& drops) {
  Departure* const departure = pacer_.push(now, urgent, bytes);
  if (!departure) {
    drops.add(DropReason::pacer_full);
  } else if (!announced_ && pacer_.wakeup() <= now) {
    announced_ = true;
    if (context_.leaving.empty()) context_.leaving_since = now;
    context_.leaving.push(this);
  }
  return departure;
}

void Departures::flush(Time now, Output& out) {
  announced_ = false;
  while (const auto* departure = pacer_.pop(now)) departure->subscription->depart(now, *departure, out);
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
