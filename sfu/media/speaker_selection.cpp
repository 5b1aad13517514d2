#include "sfu/media/speaker_selection.hpp"

#include <algorithm>
#include <utility>

namespace parley::media {
namespace {

constexpr double silence = 127;
/// Time constant of the loudness: two or three packets, so that a syllable shows in it.
constexpr Duration smoothing = milliseconds(50);
/// A background is learnt at once when it is quieter than thought, and so slowly (dB each second) when it is louder, that the
/// pauses of somebody who talks bring it down again.
constexpr double background_rise = 3;
/// A packet stands for no more sound than this, whatever the distance to the one before (silence suppression leaves them out).
constexpr Duration longest_packet = milliseconds(60);
/// More speech than this is not counted up, so that it is soon forgotten.
constexpr Duration longest_speech = milliseconds(400);
/// Speech is forgotten at a third of the speed at which it comes, for the pauses between syllables.
constexpr int forgetting = 3;

/// Whoever has said so much more of late has the word, even if the other one makes a noise just now.
constexpr Duration clearly_more = milliseconds(60);

double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

bool SpeakerSelection::add(Time now, ParticipantId participant) {
  if (!limited()) return false;
  const auto [voice, added] = voices_.try_emplace(participant);
  if (!added) return false;
  voice->second.updated = voice->second.seated = now;
  if (seats_.size() < settings_.seats) seats_.push_back(participant);
  return true;
}

std::optional<ParticipantId> SpeakerSelection::receive(Time now, ParticipantId speaker, const rtp::AudioLevel& level) {
  if (!limited()) return {};
  const auto found = voices_.find(speaker);
  if (found == voices_.end()) return {};
  Voice& voice = found->second;
  hear(now, level, voice);
  if (voice.spoke != now || selected(speaker)) return {};
  const auto seat = seat_for(now, voice);
  if (!seat) return {};
  voice.seated = now;
  if (*seat == seats_.size()) {
    seats_.push_back(speaker);
    return speaker;
  }
  // What it said before does not help it back.
  voices_.at(seats_[*seat]).speech = {};
  return std::exchange(seats_[*seat], speaker);
}

void SpeakerSelection::hear(Time now, const rtp::AudioLevel& level, Voice& voice) const {
  const Duration passed = std::max<Duration>(now - voice.updated, {});
  const Duration packet = std::min(passed, longest_packet);
  voice.updated = now;
  const double loudness = silence - level.level;
  if (!std::exchange(voice.heard, true)) voice.loudness = voice.background = std::min(loudness, silence - quietest_speech);
  voice.loudness += (loudness - voice.loudness) * std::min(1.0, in_seconds(packet) / in_seconds(smoothing));
  voice.background = std::min(voice.loudness, voice.background + background_rise * in_seconds(passed));
  const bool speech = level.voice && level.level <= quietest_speech && loudness >= voice.background + above_background;
  if (speech) {
    voice.spoke = now;
    voice.speech = std::min(voice.speech + packet, longest_speech);
  } else {
    voice.speech = std::max<Duration>(voice.speech - passed / forgetting, {});
  }
}

/// The one on which nobody has spoken for longest; when all speak, the quietest one's.
std::optional<std::size_t> SpeakerSelection::seat_for(Time now, const Voice& newcomer) const {
  const bool idle_enough = newcomer.speech >= settings_.speech_to_enter_idle;
  if (seats_.size() < settings_.seats) return idle_enough ? std::optional(seats_.size()) : std::nullopt;
  std::size_t longest_silent = 0;
  std::size_t quietest = 0;
  for (std::size_t i = 1; i < seats_.size(); ++i) {
    if (voice_on(i).spoke < voice_on(longest_silent).spoke) longest_silent = i;
    if (voice_on(i).loudness < voice_on(quietest).loudness) quietest = i;
  }
  const Duration silent = now - voice_on(longest_silent).spoke;
  if (silent >= idle_after && idle_enough) return longest_silent;
  if (newcomer.speech < settings_.speech_to_enter) return {};
  if (silent >= silent_after || newcomer.speech >= voice_on(longest_silent).speech + clearly_more) return longest_silent;
  const Voice& weakest = voice_on(quietest);
  const bool louder = newcomer.loudness >= weakest.loudness + louder_by;
  return louder && now - weakest.seated >= shortest_stay ? std::optional(quietest) : std::nullopt;
}

std::optional<ParticipantId> SpeakerSelection::remove(Time now, ParticipantId participant) {
  voices_.erase(participant);
  const auto seat = std::ranges::find(seats_, participant);
  if (seat == seats_.end()) return {};
  seats_.erase(seat);
  const auto rank = [](const auto& entry) { return std::pair(entry.second.spoke, ~entry.first.value); };
  auto next = voices_.end();
  for (auto entry = voices_.begin(); entry != voices_.end(); ++entry)
    if (!selected(entry->first) && (next == voices_.end() || rank(*entry) > rank(*next))) next = entry;
  if (next == voices_.end()) return {};
  seats_.push_back(next->first);
  next->second.seated = now;
  return next->first;
}

bool SpeakerSelection::selected(ParticipantId participant) const {
  return !voices_.contains(participant) || std::ranges::find(seats_, participant) != seats_.end();
}

}  // namespace parley::media
