#include "sfu/media/twcc.hpp"

#include <algorithm>
#include <cstdlib>

namespace parley::media {

void TransportFeedbackGenerator::receive(Time now, std::uint16_t transport_sequence, Ssrc media) {
  if (newest_ && std::abs(sequences_.peek(transport_sequence) - *newest_) > maximum_jump) restart();
  const Sequence sequence = sequences_.unwrap(transport_sequence);
  const auto place = std::ranges::upper_bound(waiting_, sequence, {}, &Arrival::sequence);
  if (place != waiting_.begin() && std::prev(place)->sequence == sequence) return;  // a duplicate
  if (waiting_.empty()) wakeup_ = now + interval;
  waiting_.insert(place, {sequence, now});
  if (waiting_.size() >= early_report) wakeup_ = now;
  newest_ = std::max(newest_.value_or(sequence), sequence);
  media_ = media;
}

void TransportFeedbackGenerator::restart() {
  sequences_ = {};
  newest_.reset();
  next_.reset();
  waiting_.clear();
}

void TransportFeedbackGenerator::advance(Time now, std::vector<rtp::TransportFeedback>& out) {
  if (now < wakeup_) return;
  wakeup_ = never;
  for (auto left = std::span<const Arrival>(waiting_); !left.empty();) out.push_back(take_message(left));
  waiting_.clear();
}

rtp::TransportFeedback TransportFeedbackGenerator::take_message(std::span<const Arrival>& left) {
  const Sequence first = left.front().sequence;
  const bool late = next_ && first < *next_;
  // A late packet gets a message for itself and its neighbours: what lies between was reported before. Otherwise a message begins
  // where the previous one ended, so that the packets lost between are reported as lost.
  const bool continues = next_ && !late && first - *next_ < maximum_span;
  const Sequence base = continues ? *next_ : first;
  const Sequence end = late ? *next_ : base + maximum_span;
  rtp::TransportFeedback message{.sender = sender_, .media = media_, .arrivals = {}};
  message.base_sequence = static_cast<std::uint16_t>(base);
  message.feedback_count = feedback_count_++;
  for (Sequence expected = base; !left.empty() && left.front().sequence < end; left = left.subspan(1)) {
    if (late && left.front().sequence != expected) break;
    message.arrivals.resize(static_cast<std::size_t>(left.front().sequence - base));
    message.arrivals.push_back(left.front().time.time_since_epoch());
    expected = left.front().sequence + 1;
  }
  next_ = std::max(next_.value_or(0), base + static_cast<Sequence>(message.arrivals.size()));
  return message;
}

}  // namespace parley::media
