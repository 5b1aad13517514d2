#include "turn/context.hpp"

#include <algorithm>
#include <stdexcept>

namespace parley::turn {

namespace {

Rate rate(std::uint64_t bytes_per_second) {
  // Less than one large datagram would stop everything.
  constexpr std::uint64_t smallest_burst = 65536;
  return {bytes_per_second, std::max(bytes_per_second / 20, smallest_burst)};
}

bool may_take(Time now, Accounts::Holder account, std::uint64_t bytes_per_second, std::size_t size) {
  return !account || account->second.bandwidth.take(now, rate(bytes_per_second), size);
}

}  // namespace

Context::Context(Config settings, Credentials users, Quotas& shared, Random source)
    : config(std::move(settings)),
      credentials(std::move(users)),
      quotas(shared),
      random(std::move(source)),
      nonces(config.key, config.limits.nonce_lifetime),
      address_limits(config.limits, random.next()),
      reservations(config.key),
      udp_v4(config.relay_ports),
      udp_v6(config.relay_ports),
      tcp_v4(config.relay_ports),
      tcp_v6(config.relay_ports),
      connections(config.worker) {
  // RFC 8489 section 14.9. Answers with it must fit into their slots.
  if (config.realm.size() > 127)
    throw std::invalid_argument("The realm must not have more than 127 bytes: choose a shorter one.");
}

bool Context::allow_bytes(Time now, Allocation& allocation, std::size_t size) {
  if (may_take(now, allocation.user_account, config.limits.bandwidth_of_user, size) &&
      may_take(now, allocation.address_account, config.limits.bandwidth_of_address, size))
    return true;
  reasons.add(Reason::over_bandwidth);
  return false;
}

std::size_t Context::allow_some(Time now, Allocation& allocation, std::size_t wanted) {
  std::uint64_t allowed = wanted;
  if (allocation.user_account)
    allowed = allocation.user_account->second.bandwidth.take_some(now, rate(config.limits.bandwidth_of_user), allowed);
  if (allocation.address_account)
    allowed = allocation.address_account->second.bandwidth.take_some(now, rate(config.limits.bandwidth_of_address), allowed);
  return static_cast<std::size_t>(allowed);
}

void forget_port(Context& context, Allocation& allocation, bool is_v4) {
  Relay& relay = allocation.relay(is_v4);
  if (relay.owns_port) context.ports(allocation.protocol, is_v4).release(relay.port);
  relay = {};
  // RFC 8656 section 7.2 would hold a reserved port for the rest of the 30 seconds; but then one user could take them all.
  if (!allocation.reserved || allocation.reserved->v4 != is_v4) return;
  if (context.reservations.release(*allocation.reserved)) context.ports(Protocol::udp, is_v4).release(allocation.reserved->port);
  allocation.reserved.reset();
}

void close_relay(Context& context, Allocation& allocation, bool is_v4, Output& out) {
  Relay& relay = allocation.relay(is_v4);
  if (relay.state == Relay::State::none) return;
  out.commands.push_back(CloseRelay{relay.id});
  forget_port(context, allocation, is_v4);
}

void close_connection(Context& context, const Connection& connection, Output& out) {
  out.commands.push_back(CloseConnection{connection.id});
  std::erase(context.allocations.find_by_slot(connection.slot)->connections, connection.id);
  context.connections.remove(connection);
}

void remove_allocation(Time now, Context& context, Allocation& allocation, AllocationClosed::Why why, Output& out) {
  while (!allocation.connections.empty())
    close_connection(context, *context.connections.find(allocation.connections.back()), out);
  for (const bool is_v4 : {true, false}) close_relay(context, allocation, is_v4, out);
  context.quotas.remove(allocation.user_slot);
  context.quotas.remove(allocation.address_slot);
  context.accounts.release(allocation.user_account);
  context.accounts.release(allocation.address_account);
  context.expiries.remove(allocation.slot);
  out.events.push_back(AllocationClosed{allocation.client, allocation.username, why, now - allocation.created,
                                        allocation.bytes_to_peers, allocation.bytes_to_client});
  context.allocations.remove(allocation);
}

}  // namespace parley::turn
