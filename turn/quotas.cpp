#include "turn/quotas.hpp"

#include <algorithm>

#include "sfu/base/crypto.hpp"

namespace parley::turn {

Quotas::Slot Quotas::find(Bytes name) const {
  const auto hash = hmac_sha256(key_, name);
  Reader reader(hash);
  const std::uint16_t first = reader.u16();
  return {first, reader.u16()};
}

bool Quotas::add(Slot slot, std::uint32_t limit) {
  // Added first and looked at then, so that two workers can't both take the last place. Whoever fits into either row has not used
  // up his quota: what is too much in the other one is somebody else's.
  const std::uint32_t first = first_[slot.first].fetch_add(1, std::memory_order_relaxed);
  const std::uint32_t second = second_[slot.second].fetch_add(1, std::memory_order_relaxed);
  if (std::min(first, second) < limit) return true;
  remove(slot);
  return false;
}

void Quotas::remove(Slot slot) {
  first_[slot.first].fetch_sub(1, std::memory_order_relaxed);
  second_[slot.second].fetch_sub(1, std::memory_order_relaxed);
}

std::uint32_t Quotas::count(Slot slot) const {
  return std::min(first_[slot.first].load(std::memory_order_relaxed), second_[slot.second].load(std::memory_order_relaxed));
}

}  // namespace parley::turn
