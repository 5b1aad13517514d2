#pragma once
// What was sent to one subscription, so that its NACKs can be answered from the publication's packet cache.

#include <cstddef>
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
  Time sent;              ///< or last retransmitted
};

class SentHistory {
 public:
  /// As many as the packet cache has: 40 bytes each.
  static constexpr std::size_t video_capacity = 1024;

  /// Memory is taken as packets are sent, up to `capacity` records.
  explicit SentHistory(std::size_t capacity = video_capacity) : capacity_(capacity) {}

  void add(const SentRecord& record);

  /// The record to retransmit, whose time becomes `now`; or why not: nack_not_cached (never sent, or forgotten), nack_too_soon
  /// (asked again within a `round_trip`). When the packet cache has lost the packet itself, count nack_not_cached too.
  std::variant<SentRecord, DropReason> retransmit(Time now, std::uint16_t sequence, Duration round_trip);

 private:
  std::size_t capacity_;
  std::vector<SentRecord> records_;  ///< by outgoing sequence modulo capacity
  Sequence newest_ = 0;
};

}  // namespace parley::media
