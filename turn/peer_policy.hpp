#pragma once
// Whom a client may reach through the relay. Whoever can make a relay send to 127.0.0.1, to 169.254.169.254 or into the
// operator's network has passed its firewall, and each relay so far has been caught with one spelling of those addresses that it
// forgot. So here an address is first unwrapped, until nothing is embedded in it any more (IPv4-mapped and IPv4-compatible, 6to4,
// Teredo, NAT64), and what remains must be globally routable (the registries of RFC 6890), unless the operator's rules say more.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sfu/base/address.hpp"

namespace parley::turn {

/// "192.0.2.0/24", "2001:db8::/32", or a single address.
struct AddressPrefix {
  Address address;  ///< its port means nothing
  unsigned bits = 0;

  static std::optional<AddressPrefix> parse(std::string_view text);
  bool contains(const Address& other) const;
};

enum class AllowedPorts : std::uint8_t { none, some, all };

class PeerPolicy {
 public:
  struct Rule {
    bool allow = true;
    AddressPrefix prefix;
    std::uint16_t first_port = 0;
    std::uint16_t last_port = 65535;

    /// Whether it is about this address, ports aside.
    bool meets(const Address& peer, const Address& inside) const { return prefix.contains(peer) || prefix.contains(inside); }
  };

  PeerPolicy() = default;
  /// The first rule that matches decides; where none does, globally routable addresses are allowed and all others refused. Rules
  /// are held against the address as it is written and against what is embedded in it: a prefix of IPv4 also meets 6to4.
  explicit PeerPolicy(std::vector<Rule> rules) : rules_(std::move(rules)) {}

  /// Whether data may go to this address and port.
  bool allows(const Address& peer) const;
  /// To how many ports of this address: CreatePermission names none.
  AllowedPorts allowed_ports(const Address& peer) const;

 private:
  std::vector<Rule> rules_;
};

/// What is left when no IPv4 address is embedded any more. The port stays.
Address unwrapped(Address address);
/// Unicast that is reachable through the public Internet, by the IANA special-purpose address registries. Of `address` as it
/// stands.
bool is_globally_routable(const Address& address);

}  // namespace parley::turn
