#pragma once
// Everything that one worker's relay holds, and what is done with it from several places. The handlers of requests (requests.hpp,
// connecting.hpp) and of data (relaying.hpp) are functions over this; Server only decides which of them is meant.

#include <optional>

#include "sfu/base/deadlines.hpp"
#include "sfu/base/random.hpp"
#include "turn/accounts.hpp"
#include "turn/address_limits.hpp"
#include "turn/allocations.hpp"
#include "turn/connections.hpp"
#include "turn/nonce.hpp"
#include "turn/relay_ports.hpp"
#include "turn/reservations.hpp"
#include "turn/server.hpp"

namespace parley::turn {

struct Context {
  Context(Config settings, Credentials users, Quotas& shared, Random source);

  Config config;
  Credentials credentials;
  Quotas& quotas;
  Random random;
  Nonces nonces;
  AddressLimits address_limits;
  Reservations reservations;
  Accounts accounts;
  RelayPorts udp_v4;
  RelayPorts udp_v6;
  RelayPorts tcp_v4;
  RelayPorts tcp_v6;
  Allocations allocations;
  Connections connections;
  Deadlines<std::uint32_t> expiries;  ///< of allocations, by slot
  bool draining = false;
  std::optional<Address> alternate_v4;
  std::optional<Address> alternate_v6;
  Reasons reasons;
  Counters<Count> counts;

  const std::optional<RelayAddress>& relay_address(bool is_v4) const { return is_v4 ? config.relay_v4 : config.relay_v6; }
  RelayPorts& ports(Protocol protocol, bool is_v4) {
    return protocol == Protocol::udp ? (is_v4 ? udp_v4 : udp_v6) : (is_v4 ? tcp_v4 : tcp_v6);
  }
  /// The address that clients and peers see.
  Address relayed_address(const Relay& relay, bool is_v4) const { return relay_address(is_v4)->advertised.with_port(relay.port); }

  /// Whether `size` bytes of payload may pass, as far as bandwidth is limited.
  bool allow_bytes(Time now, Allocation& allocation, std::size_t size);
  /// How many of so many bytes may pass.
  std::size_t allow_some(Time now, Allocation& allocation, std::size_t wanted);
};

/// Ends the allocation with everything that belongs to it.
void remove_allocation(Time now, Context& context, Allocation& allocation, AllocationClosed::Why why, Output& out);
/// The relay has no socket, or has none any more: its port, and what was reserved with it, may be used again.
void forget_port(Context& context, Allocation& allocation, bool is_v4);
void close_relay(Context& context, Allocation& allocation, bool is_v4, Output& out);
void close_connection(Context& context, const Connection& connection, Output& out);

}  // namespace parley::turn
