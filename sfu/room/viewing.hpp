#pragma once
// How one receiver looks at one track, what it was granted of it, and what it was told about that. Belongs to a Subscription.

#include <optional>
#include <string>
#include <string_view>

#include "sfu/base/time.hpp"
#include "sfu/control/event.hpp"
#include "sfu/media/allocation.hpp"

namespace parley::room {

class Viewing {
 public:
  /// A change of the picture is told at most so often.
  static constexpr Duration shortest_interval = milliseconds(500);
  /// What only wavers, bit rate and estimate, is told so often, and only when it has changed by a fifth: with thousands of
  /// receivers it would be most of what a worker says.
  static constexpr Duration usual_interval = seconds(2);
  static constexpr double noticeable = 0.2;

  void set_view(const media::View& view) { view_ = view; }
  const media::View& view() const { return view_; }
  void set_grant(const media::Grant& grant) { grant_ = grant; }
  const media::Grant& grant() const { return grant_; }
  /// Why nothing is sent for now, though something could be: for SubscriptionChanged. Empty: it is not paused.
  std::string_view pause() const;

  /// What is to be told of a picture that is received as `current`, if anything is. `estimate` in bits per second.
  std::optional<control::QualityChanged> tell(Time now, const control::Picture& current, std::uint64_t estimate);

 private:
  media::View view_;
  media::Grant grant_;
  std::optional<control::QualityChanged> told_;
  Time told_at_{};
};

/// The same for a person.
std::string words_for_pause(std::string_view reason);
control::Picture picture_of(const media::OfferedQuality& offered);

}  // namespace parley::room
