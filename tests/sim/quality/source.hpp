#pragma once
// What a flow has to send: an encoder whose rate follows the estimate between two bounds, or the layers of a simulcast camera of
// which the best that fits is forwarded, as an SFU does.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/random.hpp"
#include "sfu/base/time.hpp"

namespace parley::quality {

struct SourceSettings {
  std::uint64_t minimum = 150'000;  ///< bits per second
  std::uint64_t maximum = 1'500'000;
  std::vector<std::uint64_t> layers{};  ///< ascending; when there are any, only these rates are possible
};

class Source {
 public:
  static constexpr std::int64_t frames_per_second = 30;
  /// A layer can be switched to at its next key frame: asked for over a round trip, encoded, and as large as some frames.
  static constexpr Duration key_frame_delay = milliseconds(100);
  static constexpr double key_frame_size = 4;
  /// Up only when the estimate leaves this margin.
  static constexpr double up_margin = 1.1;

  Source(const SourceSettings& settings, Random random) : settings_(settings), random_(std::move(random)) {}

  /// The bytes of the frame that is due now.
  std::optional<std::size_t> take_frame(Time now, std::uint64_t estimate);
  Time wakeup() const { return next_frame_; }
  /// The source sleeps until then.
  void pause(Time until) { next_frame_ = until; }

  std::uint64_t wanted() const { return settings_.layers.empty() ? settings_.maximum : settings_.layers.back(); }
  /// Counted from 1; 0 for sources without layers.
  std::size_t layer() const { return settings_.layers.empty() ? 0 : layer_ + 1; }

 private:
  void choose_layer(Time now, std::uint64_t estimate);

  SourceSettings settings_;
  Random random_;
  Time next_frame_{};
  std::size_t layer_ = 0;
  std::optional<std::size_t> next_layer_;
  Time switch_at_ = never;
  bool key_frame_ = true;
};

}  // namespace parley::quality
