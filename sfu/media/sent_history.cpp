#include "sfu/media/sent_history.hpp"

#include <algorithm>

namespace parley::media {

void SentHistory::add(const SentRecord& record) {
  if (records_.empty()) records_.resize(std::min(most_, first_capacity));
  newest_ = record.numbers.sequence;
  const auto keeps_young = [&](const SentRecord& before) {
    return before.numbers.sequence != 0 && record.sent - before.sent < kept_for;
  };
  while (records_.size() < most_ && keeps_young(records_[index(newest_)])) grow();
  records_[index(newest_)] = record;
}

void SentHistory::grow() {
  std::vector<SentRecord> before(2 * records_.size());
  before.swap(records_);
  for (const SentRecord& record : before)
    if (record.numbers.sequence != 0) records_[index(record.numbers.sequence)] = record;
}

void SentHistory::forget() { std::ranges::fill(records_, SentRecord{}); }

std::optional<SentRecord> SentHistory::newest() const {
  if (records_.empty() || records_[index(newest_)].numbers.sequence == 0) return std::nullopt;
  return records_[index(newest_)];
}

std::variant<SentRecord, DropReason> SentHistory::retransmit(Time now, std::uint16_t sequence, Duration round_trip) {
  if (records_.empty()) return DropReason::nack_not_cached;
  auto& record = records_[index(sequence)];
  if (record.numbers.sequence == 0 || record.numbers.wire_sequence() != sequence) return DropReason::nack_not_cached;
  if (record.retransmissions == maximum_retransmissions) return DropReason::nack_too_often;
  if (record.retransmissions > 0 && now - record.sent < round_trip * record.retransmissions) return DropReason::nack_too_soon;
  ++record.retransmissions;
  record.sent = now;
  return record;
}

}  // namespace parley::media
