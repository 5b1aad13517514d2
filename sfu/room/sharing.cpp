#include "sfu/room/sharing.hpp"

#include <algorithm>

#include "sfu/base/stack_memory.hpp"
#include "sfu/room/subscription.hpp"

namespace parley::room {

void Sharing::advance(Time now, Downlink& downlink, std::span<const std::unique_ptr<Subscription>> subscriptions, Output& out) {
  if (now < next_) return;
  next_ = never;
  StackMemory<std::size_t{16} << 10> memory;  // for a meeting of 25
  std::pmr::vector<media::OfferedQualities> offered(subscriptions.size(), memory.resource());
  std::pmr::vector<media::Demand> demands(memory.resource());
  std::pmr::vector<Subscription*> sharers(memory.resource());
  demands.reserve(subscriptions.size());
  sharers.reserve(subscriptions.size());
  for (const auto& subscription : subscriptions) {
    if (!subscription->bound()) continue;
    demands.push_back(subscription->demand(now, offered[sharers.size()]));
    sharers.push_back(subscription.get());
  }
  if (sharers.empty()) return;
  const bool beginning = is_beginning(now, downlink);
  const auto& grants = allocator_.allocate(now, downlink.estimate(), demands, beginning);
  next_ = now + interval_after(downlink, demands, grants, beginning);
  for (std::size_t i = 0; i < grants.size(); ++i) sharers[i]->grant(now, grants[i], demands[i].offered, downlink.estimate(), out);
  downlink.set_wanted(media::useful_estimate(grants));
}

Duration Sharing::interval_after(const Downlink& downlink, std::span<const media::Demand> demands,
                                 std::span<const media::Grant> grants, bool beginning) {
  needed_ = 0;
  const auto needed = media::useful_estimate(grants);
  // Of a receiver that says nothing at all, nothing is to be learnt.
  if (downlink.heard() && (beginning || downlink.estimate() < needed)) return interval;
  bool sound = true;
  for (std::size_t i = 0; i < grants.size(); ++i) {
    if (demands[i].content == media::Content::audio) continue;
    sound = false;
    const bool nothing_yet = grants[i].limit == media::Limit::publisher && !grants[i].quality;
    if (grants[i].limit == media::Limit::bandwidth || nothing_yet) return interval;
  }
  if (downlink.heard()) needed_ = needed;
  return sound ? sound_interval : calm_interval;
}

bool Sharing::is_beginning(Time now, const Downlink& downlink) {
  if (!first_heard_ && downlink.heard()) first_heard_ = now;
  return !first_heard_ || now - *first_heard_ < first_moments;
}

}  // namespace parley::room
