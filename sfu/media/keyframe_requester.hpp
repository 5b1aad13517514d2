#pragma once
// Asks one source for key frames on behalf of all its receivers. Browsers' encoders answer at most one request per 300 ms, so
// requests are gathered, and repeated until a key frame comes. A machine.

#include <optional>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/base/machine.hpp"

namespace parley::media {

class KeyframeRequester {
 public:
  static constexpr Duration minimum_interval = milliseconds(500);
  static constexpr Duration retry_interval = seconds(1);
  /// A source that has not answered for this long has stopped; the next request() begins anew.
  static constexpr int maximum_tries = 10;

  explicit KeyframeRequester(Ssrc source) : source_(source) {}

  /// Some receiver needs a key frame. May be said for every packet that it cannot use.
  void request(Time now);
  /// The source has begun one: nothing is asked until the next request().
  void keyframe_received();
  /// Adds the source to `out` when a PLI is to be sent to it now.
  void advance(Time now, std::vector<Ssrc>& out);
  Time wakeup() const { return wakeup_; }

 private:
  Ssrc source_;
  std::optional<Time> asked_;
  int tries_ = 0;
  Time wakeup_ = never;
};

}  // namespace parley::media
