#include "sfu/room/sharing.hpp"

#include <algorithm>

#include "sfu/room/subscription.hpp"

namespace parley::room {

void Sharing::advance(Time now, Downlink& downlink, std::span<const std::unique_ptr<Subscription>> subscriptions, Output& out) {
  if (now < next_) return;
  next_ = never;
  offered_.resize(subscriptions.size());
  demands_.clear();
  std::vector<Subscription*> sharers;
  for (const auto& subscription : subscriptions) {
    if (!subscription->bound()) continue;
    demands_.push_back(subscription->demand(now, offered_[sharers.size()]));
    sharers.push_back(subscription.get());
  }
  if (sharers.empty()) return;
  next_ = now + interval;
  const auto grants = allocator_.allocate(now, downlink.estimate(), demands_, is_beginning(now, downlink));
  for (std::size_t i = 0; i < grants.size(); ++i)
    sharers[i]->grant(now, grants[i], demands_[i].offered, downlink.estimate(), out);
  downlink.set_wanted(media::useful_estimate(grants));
}

bool Sharing::is_beginning(Time now, const Downlink& downlink) {
  if (!first_heard_ && downlink.heard()) first_heard_ = now;
  return !first_heard_ || now - *first_heard_ < first_moments;
}

}  // namespace parley::room
