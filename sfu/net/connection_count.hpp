#pragma once
// How many connections there are, in all and from each address (see Address::customer), and whether one more is too many. This
// very machine only has the limit on all of them.

#include <cstddef>
#include <unordered_map>

#include "sfu/base/address.hpp"

namespace parley::net {

class ConnectionCount {
 public:
  ConnectionCount(std::size_t limit, std::size_t limit_per_address) : limit_(limit), limit_per_address_(limit_per_address) {}

  /// Counts one more from `remote` (its port does not matter), or returns false: that would be too many.
  bool add(const Address& remote);
  void remove(const Address& remote);
  std::size_t total() const { return total_; }

 private:
  std::size_t limit_;
  std::size_t limit_per_address_;
  std::size_t total_ = 0;
  std::unordered_map<Address, std::size_t> per_address_;
};

}  // namespace parley::net
