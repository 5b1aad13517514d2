#pragma once
// One encoding of a publication as it is received: one media SSRC with its statistics, repair and cache, and the SSRC on which
// the browser retransmits. A track without simulcast has one.

#include <memory>
#include <optional>

#include "sfu/media/cached_keyframe.hpp"
#include "sfu/media/dependency_reader.hpp"
#include "sfu/media/keyframe_requester.hpp"
#include "sfu/media/nack_tracker.hpp"
#include "sfu/media/packet_cache.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/rtp/payload/codec.hpp"

namespace parley::room {

/// What the media SSRC of an encoding has. Made when it is first heard, and made anew when the browser restarts the sender
/// with another SSRC.
struct Source {
  Source(Ssrc ssrc, std::uint32_t clock_rate, std::size_t cache_capacity)
      : stats(ssrc, clock_rate), cache(cache_capacity), keyframes(ssrc) {}

  Ssrc ssrc() const { return stats.ssrc(); }

  media::ReceiveStats stats;
  media::NackTracker nack;
  media::PacketCache cache;
  media::CachedKeyframe newest_keyframe;  ///< of video that is not muted
  media::DependencyReader dependencies;
  media::KeyframeRequester keyframes;
};

struct Encoding {
  std::unique_ptr<Source> source;              ///< null until its first media packet
  std::optional<media::ReceiveStats> repairs;  ///< the retransmission SSRC, which often talks first: browsers probe with it

  Time wakeup() const { return source ? std::min(source->nack.wakeup(), source->keyframes.wakeup()) : never; }
};

}  // namespace parley::room
