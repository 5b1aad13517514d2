#pragma once
// Bandwidth by whom it is limited: a user, or a client's address. Held only as long as one of its allocations lives in this
// worker.

#include <cstdint>
#include <string>
#include <unordered_map>

#include "turn/rate_limit.hpp"

namespace parley::turn {

class Accounts {
 public:
  struct Account {
    TokenBucket bandwidth;
    std::uint32_t holders = 0;
  };
  /// Valid until it is released; null: not limited.
  using Holder = std::pair<const std::string, Account>*;

  Holder hold(const std::string& name) {
    const auto entry = accounts_.try_emplace(name).first;
    ++entry->second.holders;
    return &*entry;
  }
  void release(Holder holder) {
    if (holder && --holder->second.holders == 0) accounts_.erase(holder->first);
  }
  std::size_t size() const { return accounts_.size(); }

 private:
  std::unordered_map<std::string, Account> accounts_;
};

}  // namespace parley::turn
