#pragma once
// Which encodings of a simulcast track are being sent. A browser stops an encoding without a word when its bandwidth falls, and
// begins it again on the same SSRC, so that only the packets tell. One for each publication, shared by its
// subscriptions.

#include <array>
#include <cstddef>
#include <optional>

#include "sfu/base/time.hpp"
#include "sfu/media/quality.hpp"

namespace parley::media {

class LayerActivity {
 public:
  /// Browsers offer three; RFC 8853 sets no limit, so we do.
  static constexpr std::size_t maximum_layers = 4;
  /// Without a packet for this long an encoding has stopped. Even a screen share at rest repeats its frame once a second.
  static constexpr Duration timeout = milliseconds(1200);

  /// A media packet (not a padding-only one). Layers from maximum_layers on are ignored.
  void receive(Time now, Layer layer);
  bool active(Time now, Layer layer) const;
  /// Nothing: no encoding is being sent, so whoever forwards one stays with it (a screen at rest, silence).
  std::optional<Layer> lowest_active(Time now) const;
  /// `wanted` when it is being sent, else the next below it that is, else the next above it. Nothing: none is.
  std::optional<Layer> nearest_active(Time now, Layer wanted) const;
  /// Forgets the layers that have stopped.
  void advance(Time now);
  /// When the next layer stops unless it sends: time to choose again.
  Time wakeup() const;

 private:
  std::array<std::optional<Time>, maximum_layers> last_;
};

}  // namespace parley::media
