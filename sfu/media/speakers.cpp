#include "sfu/media/speakers.hpp"

#include <algorithm>
#include <cmath>

namespace parley::media {
namespace {

constexpr std::uint8_t silence = 127;
/// Of each packet's level on the smoothed one: with 20 ms packets a time constant of 80 ms, so that a click is not speech.
constexpr double weight = 0.25;

std::uint8_t rounded_level(double loudness) {
  const double steps = std::round((silence - loudness) / Speakers::level_step);
  return static_cast<std::uint8_t>(std::clamp(steps * Speakers::level_step, 0.0, double{silence}));
}

}  // namespace

Speakers::Voice& Speakers::find_or_add(ParticipantId participant) {
  const auto known = std::ranges::find(voices_, participant, &Voice::participant);
  if (known != voices_.end()) return *known;
  return voices_.emplace_back(Voice{.participant = participant, .heard = {}});
}

void Speakers::receive(Time now, ParticipantId participant, const rtp::AudioLevel& level) {
  Voice& voice = find_or_add(participant);
  voice.loudness += (silence - level.level - voice.loudness) * weight;
  const bool speech = level.voice && level.level <= quietest_speech;
  if (speech) voice.heard = now;
  if (!speech || voice.speaking || voice.loudness < silence - quietest_speech) return;
  voice.speaking = true;
  wakeup_ = std::min(wakeup_, std::max(now, next_));
}

void Speakers::remove(Time now, ParticipantId participant) {
  std::erase_if(voices_, [&](const Voice& voice) { return voice.participant == participant; });
  if (std::ranges::find(reported_, participant, &SpeakingLevel::participant) != reported_.end())
    wakeup_ = std::min(wakeup_, std::max(now, next_));
}

void Speakers::find_speaking(Time now) {
  current_.clear();
  for (Voice& voice : voices_) {
    if (now - voice.heard >= silence_timeout) voice.speaking = false;
    if (voice.speaking) current_.push_back({voice.participant, rounded_level(voice.loudness)});
  }
  std::ranges::sort(current_, {}, [](const SpeakingLevel& speaker) { return std::pair(speaker.level, speaker.participant); });
}

void Speakers::advance(Time now, std::optional<std::vector<SpeakingLevel>>& out) {
  if (now < wakeup_) return;
  find_speaking(now);
  wakeup_ = current_.empty() ? never : now + interval;
  if (current_ == reported_) return;
  reported_ = current_;
  out = current_;
  next_ = now + interval;
}

}  // namespace parley::media
