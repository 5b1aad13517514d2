#include "sfu/media/sent_history.hpp"

#include <algorithm>

namespace parley::media {

void SentHistory::add(const SentRecord& record) {
  if (records_.empty()) records_.resize(capacity_);
  newest_ = static_cast<std::size_t>(record.numbers.sequence) & (capacity_ - 1);
  records_[newest_] = record;
}

void SentHistory::forget() { std::ranges::fill(records_, SentRecord{}); }

std::optional<SentRecord> SentHistory::newest() const {
  return records_.empty() || records_[newest_].numbers.sequence == 0 ? std::nullopt : std::optional(records_[newest_]);
}

std::variant<SentRecord, DropReason> SentHistory::retransmit(Time now, std::uint16_t sequence, Duration round_trip) {
  if (records_.empty()) return DropReason::nack_not_cached;
  auto& record = records_[sequence & (capacity_ - 1)];
  if (record.numbers.sequence == 0 || record.numbers.wire_sequence() != sequence) return DropReason::nack_not_cached;
  if (record.retransmissions == maximum_retransmissions) return DropReason::nack_too_often;
  if (record.retransmissions > 0 && now - record.retransmitted < round_trip * record.retransmissions)
    return DropReason::nack_too_soon;
  ++record.retransmissions;
  record.retransmitted = now;
  return record;
}

}  // namespace parley::media
