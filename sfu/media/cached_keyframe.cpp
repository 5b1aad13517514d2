#include "sfu/media/cached_keyframe.hpp"

namespace parley::media {

/// More than one packet of a key frame may say that it begins one (parameter sets, then a slice): the first of a picture counts.
void CachedKeyframe::begin(const MediaPacket& packet) {
  if (first_ && packet.timestamp < timestamp_) return;
  if (first_ && packet.timestamp == timestamp_ && packet.sequence >= *first_) return;
  first_ = packet.sequence;
  timestamp_ = packet.timestamp;
  arrival_ = packet.arrival;
}

std::optional<CachedKeyframe::Run> CachedKeyframe::find(Time now, const PacketCache& cache) const {
  if (!first_ || now - arrival_ > longest_age || newest_ - *first_ >= most_packets) return {};
  Run run{*first_, newest_, 0};
  for (Sequence sequence = run.first; sequence <= run.last; ++sequence) {
    const auto* packet = cache.find(sequence);
    if (!packet) return {};
    run.bytes += packet->payload.size();
  }
  return run.bytes <= largest ? std::optional(run) : std::nullopt;
}

}  // namespace parley::media
