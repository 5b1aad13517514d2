#pragma once
// The few out of many who are passed on: the microphones that are heard in a large room, or the people whose video is sent
// (last-N). There is a limited number of seats, and whoever begins to speak takes one, from somebody who has stopped. A cough, a
// slammed door or a fan is no speech: it is too short, or no louder than what its microphone always hears. Judges by the audio
// level extension (RFC 6464). A machine that is only told things.

#include <cstddef>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/base/time.hpp"
#include "sfu/rtp/extensions.hpp"

namespace parley::media {

class SpeakerSelection {
 public:
  struct Settings {
    std::size_t seats = 0;  ///< 0: everybody has one
    /// So much speech, pauses between syllables taken off, until somebody has to leave a seat for it. Coughs last 150 ms.
    Duration speech_to_enter = milliseconds(160);
    /// The same when a seat is free, or nobody has spoken on it for `idle_after`.
    Duration speech_to_enter_idle = milliseconds(160);
  };
  static constexpr Duration idle_after = seconds(2);
  /// Whoever has said nothing for this long can be replaced. Shorter pauses lie between syllables.
  static constexpr Duration silent_after = milliseconds(150);
  /// While everybody on a seat is speaking, a newcomer has to be this much louder (dB) than the quietest of them, who must have
  /// sat for a while.
  static constexpr double louder_by = 6;
  static constexpr Duration shortest_stay = seconds(1);
  /// Quieter than this (-dBov) is not speech, and neither is what is less than so much (dB) above the background of its
  /// microphone.
  static constexpr std::uint8_t quietest_speech = 60;
  static constexpr double above_background = 9;

  explicit SpeakerSelection(const Settings& settings) : settings_(settings) {}

  bool limited() const { return settings_.seats > 0; }
  /// From now on it needs a seat, and takes a free one if there is one. False: it is known already, and nothing happens.
  bool add(Time now, ParticipantId participant);
  /// The level of one audio packet. Nothing: nobody's seat has changed. Else who has lost one to the speaker; the speaker itself
  /// when the seat was free.
  std::optional<ParticipantId> receive(Time now, ParticipantId speaker, const rtp::AudioLevel& level);
  /// Left. Whoever takes the seat in its place, if anybody waits: the one who spoke last.
  std::optional<ParticipantId> remove(Time now, ParticipantId participant);

  /// True also for whoever has not been added: what cannot be judged is not held back.
  bool selected(ParticipantId participant) const;
  /// In the order in which they sit.
  std::span<const ParticipantId> seats() const { return seats_; }

 private:
  struct Voice {
    Time updated{};         ///< when the last packet came
    Time spoke{};           ///< the last time that it was speech
    Time seated{};          ///< since when it has had its seat
    Duration speech{};      ///< of late
    double loudness = 0;    ///< 127 - level, smoothed
    double background = 0;  ///< the loudness of the pauses
    bool heard = false;     ///< at all
  };
  void hear(Time now, const rtp::AudioLevel& level, Voice& voice) const;
  std::optional<std::size_t> seat_for(Time now, const Voice& newcomer) const;
  const Voice& voice_on(std::size_t seat) const { return voices_.at(seats_[seat]); }

  Settings settings_;
  std::unordered_map<ParticipantId, Voice> voices_;
  std::vector<ParticipantId> seats_;
};

}  // namespace parley::media
