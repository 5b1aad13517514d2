#pragma once
// One client's allocation (RFC 8656 section 5): its relayed addresses, the peers that may reach it (permissions) and the short
// names that it gave to some of them (channels). Pure bookkeeping: what an expiry means is written here, what to answer is not.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/time.hpp"
#include "sfu/stun/message.hpp"
#include "turn/accounts.hpp"
#include "turn/credentials.hpp"
#include "turn/ids.hpp"
#include "turn/quotas.hpp"
#include "turn/relay_ports.hpp"
#include "turn/reservations.hpp"

namespace parley::turn {

struct Permission {
  Address host;           ///< no port: a permission is for all ports of an address (RFC 8656 section 9)
  bool all_ports = true;  ///< false: the peer policy has a word on each port
  Time expires{};
};

struct Channel {
  ChannelNumber number;
  Address peer;
  Time expires{};
};

/// One relayed transport address.
struct Relay {
  enum class State : std::uint8_t { none, opening, open };
  State state = State::none;
  int error = 0;          ///< why it was wanted and is not there, for ADDRESS-ERROR-CODE
  bool owns_port = true;  ///< false: claimed by a token of another worker, which looks after the port
  RelayId id;
  std::uint16_t port = 0;
};

class Allocation {
 public:
  /// RFC 8656 sections 9 and 12.
  static constexpr Duration permission_lifetime = minutes(5);
  static constexpr Duration channel_lifetime = minutes(10);

  /// The permission of this host, when it has not expired.
  const Permission* permission(Time now, const Address& host) const;
  const Channel* channel(Time now, ChannelNumber number) const;
  const Channel* channel(Time now, const Address& peer) const;

  /// Installs or refreshes. False: there are `limit` already.
  bool permit(Time now, const Address& host, bool all_ports, std::size_t limit);
  /// How many of these hosts would be new.
  std::size_t count_new(Time now, const std::vector<Address>& hosts) const;
  std::size_t count_permissions(Time now) const;
  /// Binds or refreshes a binding; the two are not bound to others (RFC 8656 section 12.2). False: there are `limit` already.
  bool bind(Time now, ChannelNumber number, const Address& peer, std::size_t limit);

  Path client;
  std::uint32_t slot = 0;  ///< where it is in Allocations
  std::string username;
  Key key;
  PasswordAlgorithm algorithm = PasswordAlgorithm::md5;
  Protocol protocol = Protocol::udp;  ///< of the relay: TCP for RFC 6062
  Relay v4;
  Relay v6;
  RelayPorts::Parity parity = RelayPorts::Parity::any;
  bool claimed = false;       ///< its port was reserved: no other one will do
  std::uint8_t attempts = 0;  ///< ports that could not be bound
  std::optional<ReservedPort> reserved;
  ReservationToken token{};
  stun::TransactionId allocate_transaction{};  ///< of the request that made it, for when that comes again
  bool has_fingerprint = false;
  bool uses_sha256 = false;
  Time created{};
  Time expires{};
  std::vector<ConnectionId> connections;  ///< to peers, over TCP
  Quotas::Slot user_slot;
  Quotas::Slot address_slot;
  Accounts::Holder user_account = nullptr;
  Accounts::Holder address_account = nullptr;
  std::uint64_t bytes_to_peers = 0;
  std::uint64_t bytes_to_client = 0;

  Relay& relay(bool is_v4) { return is_v4 ? v4 : v6; }
  const Relay& relay(bool is_v4) const { return is_v4 ? v4 : v6; }
  bool opening() const { return v4.state == Relay::State::opening || v6.state == Relay::State::opening; }

 private:
  std::vector<Permission> permissions_;
  std::vector<Channel> channels_;
};

}  // namespace parley::turn
