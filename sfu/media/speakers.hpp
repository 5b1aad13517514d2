#pragma once
// Who speaks, and how loud, from the audio level extension (RFC 6464) that publishers put on each audio packet. A machine.

#include <optional>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/base/machine.hpp"
#include "sfu/rtp/extensions.hpp"

namespace parley::media {

struct SpeakingLevel {
  ParticipantId participant;
  std::uint8_t level = 127;  ///< -dBov: 0 is the loudest
  bool operator==(const SpeakingLevel&) const = default;
};

class Speakers {
 public:
  /// At most five changes a second.
  static constexpr Duration interval = milliseconds(200);
  /// Nothing loud for this long: silent. Bridges the pauses between words.
  static constexpr Duration silence_timeout = milliseconds(600);
  /// Quieter than this (-dBov) is not speech, even when the sender's voice detection says so.
  static constexpr std::uint8_t quietest_speech = 60;
  /// A reported level is given in steps of this, so that it does not change with every packet.
  static constexpr std::uint8_t level_step = 5;

  void receive(Time now, ParticipantId participant, const rtp::AudioLevel& level);
  /// Left, or muted: silent at the next change.
  void remove(Time now, ParticipantId participant);
  /// Sets `out` when the list has changed since it was last given out: everybody who speaks, loudest first.
  void advance(Time now, std::optional<std::vector<SpeakingLevel>>& out);
  Time wakeup() const { return wakeup_; }

 private:
  struct Voice {
    ParticipantId participant;
    double loudness = 0;  ///< 127 - level, smoothed
    Time heard;           ///< the last time that it was speech
    bool speaking = false;
  };
  Voice& find_or_add(ParticipantId participant);
  /// Who speaks now, into current_.
  void find_speaking(Time now);

  std::vector<Voice> voices_;
  std::vector<SpeakingLevel> current_;
  std::vector<SpeakingLevel> reported_;
  Time next_ = Time::min();
  Time wakeup_ = never;
};

}  // namespace parley::media
