#pragma once
// Shares one receiver's downlink out among its subscriptions, again and again, and lets each know what it gets and why.

#include <memory>
#include <span>
#include <vector>

#include "sfu/media/allocator.hpp"
#include "sfu/room/context.hpp"
#include "sfu/room/downlink.hpp"

namespace parley::room {

class Subscription;

class Sharing {
 public:
  /// The estimate moves with each feedback, some 16 times a second; so often is soon enough to follow it down, and half of that
  /// would show as late.
  static constexpr Duration interval = milliseconds(100);
  /// When everybody gets all that there is, and more would fit: so soon it is noticed that a publisher sends more, or less.
  static constexpr Duration calm_interval = milliseconds(300);
  /// The same where all of it is sound, of which there is nothing to choose.
  static constexpr Duration sound_interval = seconds(1);
  /// Until the receiver's feedback has had time to say something, everything is sent in its lowest quality whatever the first
  /// guess of the estimate is: a call begins with pictures.
  static constexpr Duration first_moments = seconds(2);

  /// Something has changed that cannot wait: a view, a subscription.
  void request(Time now) { next_ = std::min(next_, now); }
  /// The estimate may have changed. In calm times nothing else is listened to as quickly.
  void hear(Time now, std::uint64_t estimate) {
    if (estimate < needed_) request(now);
  }
  void advance(Time now, Downlink& downlink, std::span<const std::unique_ptr<Subscription>> subscriptions, Output& out);
  /// Nobody knows yet what the network carries.
  bool is_beginning(Time now, const Downlink& downlink);
  Time wakeup() const { return next_; }

 private:
  Duration interval_after(const Downlink& downlink, std::span<const media::Demand> demands, std::span<const media::Grant> grants,
                          bool beginning);

  media::Allocator allocator_;
  std::optional<Time> first_heard_;
  std::uint64_t needed_ = 0;  ///< bits/s that keep calm times calm; 0: these are not calm
  Time next_ = never;
};

}  // namespace parley::room
