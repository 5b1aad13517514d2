#include "loadtest/tally.hpp"

namespace parley::loadtest {

namespace {

std::size_t slot(Sequence sequence) { return static_cast<std::size_t>(sequence % Tally::window); }

}  // namespace

Tally::Outcome Tally::receive(Time now, Sequence sequence, bool marker, Quality& quality) {
  if (kind_ == control::Kind::audio) return receive_sound(now, sequence, quality);
  if (next_ == 0) next_ = sequence;
  if (sequence < next_) return Outcome::waiting;
  const std::uint64_t frames_before = quality.frames;
  bool gave_up = false;
  if (sequence == next_ && waiting_ == 0) {
    pass(now, marker, quality);
  } else {
    if (waiting_ == 0) blocked_since_ = now;
    gave_up = give_up(now, sequence, quality);
    // Asked for again, and then both came.
    if (sequence < next_ || arrived_.test(slot(sequence))) return gave_up ? Outcome::gave_up : Outcome::waiting;
    arrived_.set(slot(sequence));
    markers_.set(slot(sequence), marker);
    ++waiting_;
    pass_waiting(now, quality);
  }
  if (gave_up) return Outcome::gave_up;
  return quality.frames > frames_before ? Outcome::shown : Outcome::waiting;
}

Tally::Outcome Tally::receive_sound(Time now, Sequence sequence, Quality& quality) {
  if (sequence < next_) return Outcome::waiting;
  next_ = sequence + 1;
  quality.show(now, true);
  return Outcome::shown;
}

void Tally::pass(Time now, bool marker, Quality& quality) {
  ++next_;
  if (!marker) return;
  if (!broken_) quality.show(now, false);
  broken_ = false;
}

void Tally::pass_waiting(Time now, Quality& quality) {
  while (waiting_ > 0 && arrived_.test(slot(next_))) {
    arrived_.reset(slot(next_));
    --waiting_;
    blocked_since_ = now;
    pass(now, markers_.test(slot(next_)), quality);
  }
}

bool Tally::give_up(Time now, Sequence newest, Quality& quality) {
  bool gave_up = false;
  while (waiting_ > 0 && (now - blocked_since_ > patience || newest - next_ >= window)) {
    while (!arrived_.test(slot(next_))) ++next_;
    broken_ = gave_up = true;
    pass_waiting(now, quality);
  }
  if (newest - next_ < window) return gave_up;
  next_ = newest;
  broken_ = true;
  return true;
}

}  // namespace parley::loadtest
