#include "sfu/media/nack_tracker.hpp"

#include <algorithm>
#include <utility>

namespace parley::media {

void NackTracker::receive(Time now, Sequence sequence) {
  if (!newest_) {
    newest_ = sequence;
  } else if (sequence > *newest_) {
    add_gap(now, *newest_ + 1, sequence);
    newest_ = sequence;
  } else {
    found(now, sequence);
  }
}

void NackTracker::add_gap(Time now, Sequence first, Sequence end) {
  if (first == end) return;
  if (static_cast<std::size_t>(end - first) > maximum_missing - missing_.size()) {
    missing_.clear();
    overflowed_ = true;
    wakeup_ = now;
    return;
  }
  const Time due = now + reorder_allowance;
  for (Sequence sequence = first; sequence < end; ++sequence) missing_.push_back({.sequence = sequence, .due = due, .asked = {}});
  wakeup_ = std::min(wakeup_, due);
}

void NackTracker::found(Time now, Sequence sequence) {
  const auto entry = std::ranges::lower_bound(missing_, sequence, {}, &Missing::sequence);
  if (entry == missing_.end() || entry->sequence != sequence) return;
  if (entry->tries > 0) {
    // Measured from the first request: with a later one, an answer to the first would make the round trip look too short
    // and the requests come ever faster.
    const Duration sample = std::min<Duration>(now - entry->asked, maximum_interval);
    round_trip_ += (sample - round_trip_) / 8;
  }
  missing_.erase(entry);
}

void NackTracker::advance(Time now, NackRequest& out) {
  if (now < wakeup_) return;
  if (std::exchange(overflowed_, false)) out.keyframe = true;
  std::erase_if(missing_, [&](const Missing& entry) { return entry.due <= now && entry.tries >= maximum_tries; });
  wakeup_ = never;
  for (Missing& entry : missing_) {
    if (entry.due <= now) {
      out.sequences.push_back(static_cast<std::uint16_t>(entry.sequence));
      if (entry.tries++ == 0) entry.asked = now;
      entry.due = now + std::clamp<Duration>(round_trip_ * (3 + entry.tries) / 4, minimum_interval, maximum_interval);
    }
    wakeup_ = std::min(wakeup_, entry.due);
  }
}

void NackTracker::clear() {
  missing_.clear();
  overflowed_ = false;
  wakeup_ = never;
}

}  // namespace parley::media
