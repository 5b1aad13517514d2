#pragma once
// Where in a source's packet cache its newest key frame begins, so that somebody who joins is shown a picture at once: the cached
// key frame and what followed it, instead of a request, a round trip and another key frame for everybody.

#include <optional>

#include "sfu/media/packet_cache.hpp"

namespace parley::media {

class CachedKeyframe {
 public:
  /// Older ones are not worth it: everything since then would have to be sent too.
  static constexpr Duration longest_age = seconds(1);
  /// The same for the bytes: a third of a second of 2.5 Mbit/s, about as long as a new key frame takes to come.
  static constexpr std::size_t largest = 100'000;
  static constexpr Sequence most_packets = 128;

  /// A run of packets in the cache without a hole.
  struct Run {
    Sequence first = 0;
    Sequence last = 0;
    std::size_t bytes = 0;
  };

  /// Each packet that has been stored.
  void receive(const MediaPacket& packet) {
    newest_ = std::max(newest_, packet.sequence);
    if (packet.keyframe) begin(packet);
  }

  /// Nothing of before is to be shown any more.
  void forget() { first_.reset(); }

  /// The newest key frame and everything since, when that is young, small and complete.
  std::optional<Run> find(Time now, const PacketCache& cache) const;

 private:
  void begin(const MediaPacket& packet);

  std::optional<Sequence> first_;
  Timestamp timestamp_ = 0;
  Time arrival_{};
  Sequence newest_ = 0;
};

}  // namespace parley::media
