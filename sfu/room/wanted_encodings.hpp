#pragma once
// Which encodings of a video its publisher has to send: all up to the highest that somebody can use, so that whoever's network
// gets worse falls softly. The others are switched off at the sender. More is wanted at once; less only after a while, because a
// page that is being arranged, or an estimate that wavers, asks for the same again a moment later. A machine.

#include <optional>

#include "sfu/base/time.hpp"
#include "sfu/media/quality.hpp"

namespace parley::room {

class WantedEncodings {
 public:
  static constexpr Duration patience = seconds(3);
  /// How often the subscriptions are asked.
  static constexpr Duration interval = milliseconds(200);

  /// A publisher that has been told nothing sends all `encodings`, of which there is at least one.
  explicit WantedEncodings(std::size_t encodings) : highest_(media::Layer{encodings - 1}) {}

  /// What the subscriptions can use; nothing: nobody watches. True when the publisher is to be told.
  bool update(Time now, std::optional<media::Layer> highest);
  /// What the publisher was told last.
  std::optional<media::Layer> highest() const { return highest_; }

 private:
  std::optional<media::Layer> highest_;
  std::optional<Time> less_since_;
};

}  // namespace parley::room
