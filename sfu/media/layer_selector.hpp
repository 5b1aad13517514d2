#pragma once
// Which packets of a publication one subscription forwards: those of one encoding at a time, and of that the spatial and temporal
// layers up to the current ones. Whoever sets the target chooses the quality; this class only carries it out, as soon as the
// receiver's decoder can follow:
//
//   another encoding                     at a key frame of it; until then the current one goes on
//   more spatial layers                  at a frame that says so: VP9's key pictures, DTI "switch" of a dependency descriptor
//   more temporal layers                 the same; VP9's U; in VP8 layer by layer, where Y says that a layer can be entered
//   fewer                                with the next picture
//
// All layers below the current ones are forwarded, also those that a KEY mode does not need between its key pictures: that is
// what makes it possible to go down at once, when it is most needed. Audio is one layer that begins at any packet.

#include <array>
#include <optional>

#include "sfu/base/drop_reason.hpp"
#include "sfu/media/layer_activity.hpp"
#include "sfu/media/media_packet.hpp"
#include "sfu/media/quality.hpp"

namespace parley::media {

class LayerSelector {
 public:
  struct Decision {
    enum class Action : std::uint8_t {
      forward,
      start,  ///< forward, and it is the first packet from its encoding: Rewriter::start() before Rewriter::rewrite()
      skip,   ///< of the current encoding, but not of its layers: Rewriter::skip()
      drop,
    };
    Action action = Action::drop;
    DropReason reason = DropReason::forward_other_layer;  ///< of a drop or skip
    bool ends_picture = false;                            ///< of a forwarded one: the picture's last packet for this receiver
  };

  /// The current quality goes on until the target can be had. Nothing: forward nothing.
  void set_target(std::optional<Quality> target);
  const std::optional<Quality>& target() const { return target_; }
  /// Of what is forwarded now: the layers may be higher than what the publisher sends.
  const std::optional<Quality>& current() const { return current_; }

  /// Encodings from LayerActivity::maximum_layers on are never chosen.
  Decision decide(Layer encoding, const MediaPacket& packet);

  /// The encoding of which a key frame is needed to go on, if any: tell its KeyframeRequester.
  std::optional<Layer> wants_keyframe() const;

  /// The target is what is current: nothing is awaited.
  bool settled() const { return settled_; }

  /// Forwarding was interrupted (mute, not ready): begin again at a key frame.
  void restart();

  /// The current encoding is given up before the target can be had: go on at a key frame, but at none of the past.
  void abandon();

 private:
  /// Layers, and the first picture that was forwarded with them.
  struct Layers {
    Timestamp since = 0;
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
  };
  const Layers& layers_at(Timestamp timestamp) const;
  Decision begin(Layer encoding, const MediaPacket& packet);
  void leave();
  void settle() { settled_ = current_ == target_; }
  void adapt(const MediaPacket& packet);
  void switch_layers(const MediaPacket& packet, std::uint8_t spatial, std::uint8_t temporal);

  std::optional<Quality> current_;
  bool settled_ = true;
  Sequence first_ = 0;  ///< forwarded of the current encoding
  Sequence newest_ = 0;
  Timestamp newest_timestamp_ = 0;
  /// The newest first, for packets of earlier pictures that come late: a round trip sees no more switches than that.
  std::array<Layers, 4> layers_{};
  std::optional<Quality> target_;
  /// The newest forwarded of each encoding when it was left, so that what had to be repaired meanwhile is known as the past.
  std::array<Sequence, LayerActivity::maximum_layers> left_{};
};

}  // namespace parley::media
