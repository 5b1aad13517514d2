#pragma once
// Which packets of a publication one subscription forwards: those of one encoding at a time, changing at a key frame of the next.
// Whoever sets the target chooses the quality; this class only carries it out. Audio is one layer that begins at any packet.

#include <optional>
#include <utility>

#include "sfu/base/drop_reason.hpp"
#include "sfu/media/layer_activity.hpp"
#include "sfu/media/media_packet.hpp"

namespace parley::media {

class LayerSelector {
 public:
  struct Decision {
    enum class Action : std::uint8_t {
      forward,
      start,  ///< forward, and it is the first packet from its layer: Rewriter::start() before Rewriter::rewrite()
      drop,
    };
    Action action = Action::drop;
    DropReason reason = DropReason::forward_other_layer;  ///< of a drop
  };

  /// The current layer goes on until the target's key frame comes. Nothing: forward nothing.
  void set_target(std::optional<Layer> target);
  std::optional<Layer> target() const { return target_; }
  std::optional<Layer> current() const { return current_; }

  Decision decide(Layer layer, const MediaPacket& packet);

  /// The layer of which a key frame is needed to go on, if any: tell its KeyframeRequester.
  std::optional<Layer> wants_keyframe() const;

  /// Forwarding was interrupted (mute, not ready): begin again at a key frame.
  void restart();

 private:
  std::optional<Layer> target_;
  std::optional<Layer> current_;
  Sequence first_ = 0;  ///< forwarded of the current layer
  Sequence newest_ = 0;
  std::optional<Layer> left_;  ///< the layer that was current before this one
  Sequence left_newest_ = 0;   ///< forwarded of it
};

}  // namespace parley::media
