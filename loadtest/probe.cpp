#include "loadtest/probe.hpp"

#include <algorithm>

namespace parley::loadtest {

std::optional<Pattern> Probe::receive(Time now, Sequence sequence, Bytes payload, bool repaired) {
  if (!is_new(sequence)) return counters_.add(ProbeCount::duplicates), std::nullopt;
  counters_.add(ProbeCount::packets);
  if (repaired) counters_.add(ProbeCount::repaired);
  if (payload.empty()) return {};
  const auto pattern = read(payload);
  if (!pattern) return {};
  place(now, sequence, *pattern);
  show_what_can_be(now);
  return pattern;
}

std::optional<Pattern> Probe::inspect(Sequence sequence, Bytes payload) {
  if (payload.empty()) return {};
  const auto pattern = read(payload);
  if (!pattern) return {};
  highest_ = std::max(highest_, sequence);
  compare_order(sequence, *pattern);
  return pattern;
}

std::optional<Pattern> Probe::read(Bytes payload) {
  auto pattern = read_pattern(payload);
  if (!pattern) return counters_.add(ProbeCount::damaged), std::nullopt;
  if (!is_expected(*pattern)) return counters_.add(ProbeCount::wrong_source), std::nullopt;
  return pattern;
}

bool Probe::is_new(Sequence sequence) {
  if (seen_.empty()) seen_.resize(window);
  if (lowest_ == 0) lowest_ = highest_ = sequence;
  Sequence& seen = seen_[static_cast<std::size_t>(sequence) % window];
  if (seen >= sequence) return false;  // the same, or so old that its place has been taken
  seen = sequence;
  lowest_ = std::min(lowest_, sequence);
  highest_ = std::max(highest_, sequence);
  return true;
}

bool Probe::is_expected(const Pattern& pattern) {
  if (!source_) source_ = pattern;
  return pattern.room == source_->room && pattern.publisher == source_->publisher && pattern.track == source_->track;
}

void Probe::compare_order(Sequence sequence, const Pattern& pattern) {
  // From one simulcast layer to another it may go back by a moment: the key frame of the new one had to be repaired.
  const bool comparable = pattern.layer == layer_of_highest_;
  if (sequence == highest_) {
    if (comparable && pattern.frame < frame_of_highest_) counters_.add(ProbeCount::misplaced);
    frame_of_highest_ = pattern.frame;
    layer_of_highest_ = pattern.layer;
  } else if (comparable && pattern.frame > frame_of_highest_) {
    counters_.add(ProbeCount::misplaced);
  }
}

void Probe::place(Time now, Sequence sequence, const Pattern& pattern) {
  compare_order(sequence, pattern);
  const FrameKey key{pattern.frame, pattern.layer};
  const Sequence first = sequence - pattern.packet;
  const auto [found, inserted] = open_.try_emplace(key, Frame{now, first, pattern.reference, 0, pattern.packets});
  Frame& frame = found->second;
  if (frame.first_sequence != first) counters_.add(ProbeCount::misplaced);
  ++frame.received;
}

void Probe::show_what_can_be(Time now) {
  while (!open_.empty()) {
    const auto front = open_.begin();
    if (front->second.whole() && newest_shown_ && front->first < *newest_shown_) {
      counters_.add(ProbeCount::frames_late);
      open_.erase(front);
      continue;
    }
    const auto next =
        std::find_if(open_.begin(), open_.end(), [&](const auto& entry) { return showable(entry.first, entry.second); });
    if (next != open_.end()) {
      abandon_before(next);
      show(now, next->first, next->second);
      open_.erase(next);
    } else if (open_.size() > maximum_open_frames || now - front->second.first_packet > patience) {
      abandon_before(std::next(front));
    } else {
      return;
    }
  }
}

bool Probe::showable(FrameKey key, const Frame& frame) const {
  return frame.whole() && (frame.reference == key.first || shown_.contains({frame.reference, key.second}));
}

void Probe::show(Time now, FrameKey key, const Frame& frame) {
  counters_.add(ProbeCount::frames_shown);
  if (frame.reference == key.first) counters_.add(ProbeCount::keyframes_shown);
  if (last_shown_) {
    const Duration gap = now - *last_shown_;
    longest_gap_ = std::max(longest_gap_, gap);
    if (gap > freeze_after) counters_.add(ProbeCount::freezes);
  }
  last_shown_ = now;
  newest_shown_ = key;
  shown_.insert(key);
  if (shown_.size() > maximum_open_frames) shown_.erase(shown_.begin());
}

void Probe::abandon_before(std::map<FrameKey, Frame>::iterator frame) {
  counters_.add(ProbeCount::frames_abandoned, static_cast<std::uint64_t>(std::distance(open_.begin(), frame)));
  open_.erase(open_.begin(), frame);
}

bool Probe::stuck(Time now) const {
  if (counters_[ProbeCount::packets] == 0) return false;
  const bool nothing_shown = !last_shown_ || now - *last_shown_ > milliseconds(200);
  return nothing_shown && !open_.empty();
}

void Probe::forgive(Time now) {
  if (last_shown_) last_shown_ = now;
  longest_gap_ = {};
}

}  // namespace parley::loadtest
