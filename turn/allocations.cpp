#include "turn/allocations.hpp"

namespace parley::turn {

Allocation* Allocations::find(const Path& client) const {
  const auto known = by_client_.find(client);
  return known == by_client_.end() ? nullptr : slots_[known->second].allocation.get();
}

Allocation* Allocations::find(RelayId relay) const {
  if (slot_of(relay) >= slots_.size()) return nullptr;
  Allocation* const allocation = find_by_slot(slot_of(relay));
  if (!allocation) return nullptr;
  const Relay& known = allocation->relay(is_v4(relay));
  return known.state != Relay::State::none && known.id == relay ? allocation : nullptr;
}

Allocation& Allocations::add(const Path& client, Allocation draft) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  by_client_.emplace(client, slot);
  slots_[slot].allocation = std::make_unique<Allocation>(std::move(draft));
  Allocation& allocation = *slots_[slot].allocation;
  allocation.client = client;
  allocation.slot = slot;
  return allocation;
}

void Allocations::remove(const Allocation& allocation) {
  const std::uint32_t slot = allocation.slot;
  by_client_.erase(allocation.client);
  slots_[slot].allocation.reset();
  free_.push_back(slot);
}

RelayId Allocations::next_relay(const Allocation& allocation, bool is_v4) {
  return {allocation.slot * 2 + (is_v4 ? 0 : 1), ++slots_[allocation.slot].generation};
}

}  // namespace parley::turn
