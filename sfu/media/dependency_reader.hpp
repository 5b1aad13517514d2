#pragma once
// The dependency descriptors of one stream: remembers the template structure that its key frames bring, tells by it where each
// packet stands, and limits the active decode targets for a receiver that gets only some of the layers.

#include <memory>
#include <optional>

#include "sfu/base/drop_reason.hpp"
#include "sfu/media/frame_place.hpp"
#include "sfu/media/media_packet.hpp"
#include "sfu/media/rewriter.hpp"

namespace parley::media {

class DependencyReader {
 public:
  /// Fills in packet.frame. False (count dependency_descriptor_malformed): it cannot be read and must not be sent on. One whose
  /// structure was lost has a frame number and no layer: it is forwarded to everybody, who may well have got the structure.
  bool read(Bytes descriptor, MediaPacket& packet);

  /// The structure that the newest key frame brought. Null before the first.
  const rtp::DependencyStructure* structure() const { return state_ ? &state_->structure : nullptr; }

  /// The packet's descriptor for a receiver that gets the layers up to numbers.layers: into `buffer`, or as it is when those are
  /// all.
  Bytes limit(const MediaPacket& packet, const Rewritten& numbers, MutableBytes buffer) const;

 private:
  struct State {
    rtp::DependencyStructure structure;
    Sequence since = 0;        ///< the packet that brought it
    std::uint32_t active = 0;  ///< what the publisher says last
    Sequence active_since = 0;
  };
  std::unique_ptr<State> state_;  ///< most streams have no descriptors
};

}  // namespace parley::media
