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
  /// Until the receiver's feedback has had time to say something, everything is sent in its lowest quality whatever the first
  /// guess of the estimate is: a call begins with pictures.
  static constexpr Duration first_moments = seconds(2);

  /// Something has changed that cannot wait: a view, a subscription.
  void request(Time now) { next_ = std::min(next_, now); }
  void advance(Time now, Downlink& downlink, std::span<const std::unique_ptr<Subscription>> subscriptions, Output& out);
  /// Nobody knows yet what the network carries.
  bool is_beginning(Time now, const Downlink& downlink);
  Time wakeup() const { return next_; }

 private:
  media::Allocator allocator_;
  std::vector<std::vector<media::OfferedQuality>> offered_;
  std::vector<media::Demand> demands_;
  std::optional<Time> first_heard_;
  Time next_ = never;
};

}  // namespace parley::room
