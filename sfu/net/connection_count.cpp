#include "sfu/net/connection_count.hpp"

namespace parley::net {

bool ConnectionCount::add(const Address& remote) {
  const auto found = per_address_.find(remote.customer());
  const std::size_t count = found == per_address_.end() ? 0 : found->second;
  // Behind a proxy on this machine everybody has a loopback address.
  const bool too_many_of_customer = count >= limit_per_address_ && !remote.is_loopback();
  if (total_ >= limit_ || too_many_of_customer) return false;
  per_address_[remote.customer()] = count + 1;
  ++total_;
  return true;
}

void ConnectionCount::remove(const Address& remote) {
  const auto found = per_address_.find(remote.customer());
  if (found == per_address_.end()) return;
  --total_;
  if (--found->second == 0) per_address_.erase(found);
}

}  // namespace parley::net
