#pragma once
// What was sent to one subscription, so that its NACKs can be answered from the publication's packet cache.

#include <bit>
#include <cassert>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "sfu/base/drop_reason.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/prefetch.hpp"
#include "sfu/base/time.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/media/packet_cache.hpp"
#include "sfu/media/rewriter.hpp"

namespace parley::media {

struct SentRecord {
  Rewritten numbers;      ///< with which it was sent
  Sequence sequence = 0;  ///< in the cache of its source
  Time sent{};            ///< the last time
  Ssrc source;            ///< whose cache has it
  bool marker = false;    ///< as it was sent
  std::uint8_t retransmissions = 0;
};

class SentHistory {
 public:
  /// At most as many as the packet cache has, 40 bytes each; like that, the ring begins small and doubles as long as it would
  /// replace a record that is younger than `kept_for`.
  static constexpr std::size_t video_capacity = PacketCache::video_capacity;
  static constexpr std::size_t first_capacity = PacketCache::first_capacity;
  static constexpr Duration kept_for = PacketCache::kept_for;
  /// After so many, 2.8 s at a round trip of 100 ms, nobody waits for the packet any more.
  static constexpr std::uint8_t maximum_retransmissions = 8;

  /// `most` is a power of two up to 2^16. No memory is taken before the first packet.
  explicit SentHistory(std::size_t most = video_capacity) : most_(most) { assert(std::has_single_bit(most)); }

  void add(const SentRecord& record);
  /// A record with this outgoing sequence number will be added soon: its place is fetched into the processor's cache. Histories
  /// of many receivers do not fit there, and to wait for each place in turn would cost as much as the encryption.
  void expect(Sequence sequence) const {
    if (!records_.empty()) prefetch(&records_[index(sequence)]);
  }

  /// Nothing of what was sent until now is to be retransmitted. The memory is kept.
  void forget();

  /// The record that was added last. Nothing: none was, or it is forgotten.
  std::optional<SentRecord> newest() const;

  /// The record to retransmit, noted as retransmitted now; or why not: nack_not_cached (never sent, or forgotten), nack_too_soon
  /// (retransmitted within the last `round_trip`, so that it is still on its way; after the second time two of them, and so on: a
  /// packet that is lost again and again is lost to congestion), nack_too_often. When the packet cache has lost the packet
  /// itself, count nack_not_cached too.
  std::variant<SentRecord, DropReason> retransmit(Time now, std::uint16_t sequence, Duration round_trip);

 private:
  std::size_t index(Sequence sequence) const { return static_cast<std::size_t>(sequence) & (records_.size() - 1); }
  void grow();

  std::size_t most_;
  Sequence newest_ = 0;              ///< outgoing, of the record that was added last
  std::vector<SentRecord> records_;  ///< by outgoing sequence modulo their number; unused ones have sequence number 0
};

}  // namespace parley::media
