#include "sfu/media/keyframe_requester.hpp"

#include <algorithm>

namespace parley::media {

void KeyframeRequester::request(Time now) {
  if (wakeup_ != never) return;  // asked already, or about to ask
  wakeup_ = asked_ ? std::max(now, *asked_ + minimum_interval) : now;
}

void KeyframeRequester::keyframe_received() {
  tries_ = 0;
  wakeup_ = never;
}

void KeyframeRequester::advance(Time now, std::vector<Ssrc>& out) {
  if (now < wakeup_) return;
  out.push_back(source_);
  asked_ = now;
  wakeup_ = now + retry_interval;
  if (++tries_ < maximum_tries) return;
  tries_ = 0;
  wakeup_ = never;
}

}  // namespace parley::media
