#pragma once
// What was sent to one subscription, so that its NACKs can be answered from the publication's packet cache.

#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "sfu/base/drop_reason.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/time.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/media/rewriter.hpp"

namespace parley::media {

struct SentRecord {
  Rewritten numbers;      ///< with which it was sent
  Ssrc source;            ///< whose cache has it
  Sequence sequence = 0;  ///< in that cache
  bool marker = false;    ///< as it was sent
  Time sent;
  std::optional<Time> retransmitted = {};  ///< the last time
};

class SentHistory {
 public:
  /// As many as the packet cache has: 72 bytes each.
  static constexpr std::size_t video_capacity = 1024;

  /// Memory for `capacity` records is taken with the first packet.
  explicit SentHistory(std::size_t capacity = video_capacity) : capacity_(capacity) {}

  void add(const SentRecord& record);

  /// The record to retransmit, noted as retransmitted now; or why not: nack_not_cached (never sent, or forgotten), nack_too_soon
  /// (retransmitted within the last `round_trip`, so that it is still on its way). When the packet cache has lost the packet
  /// itself, count nack_not_cached too.
  std::variant<SentRecord, DropReason> retransmit(Time now, std::uint16_t sequence, Duration round_trip);

 private:
  std::size_t capacity_;
  Unwrapper<std::uint16_t> sequences_;
  std::vector<std::optional<SentRecord>> records_;  ///< by outgoing sequence modulo capacity
};

}  // namespace parley::media
