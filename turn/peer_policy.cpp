#include "turn/peer_policy.hpp"

#include <algorithm>
#include <charconv>

namespace parley::turn {

namespace {

/// A prefix that is written in this file.
AddressPrefix prefix(std::string_view text) { return *AddressPrefix::parse(text); }

using Prefixes = std::vector<AddressPrefix>;

/// The IANA registry of special-purpose IPv4 addresses, as far as they are not globally reachable, with multicast and class E.
const Prefixes& special_v4() {
  static const Prefixes prefixes = {
      prefix("0.0.0.0/8"),      prefix("10.0.0.0/8"),     prefix("100.64.0.0/10"), prefix("127.0.0.0/8"),
      prefix("169.254.0.0/16"), prefix("172.16.0.0/12"),  prefix("192.0.0.0/24"),  prefix("192.0.2.0/24"),
      prefix("192.88.99.0/24"), prefix("192.168.0.0/16"), prefix("198.18.0.0/15"), prefix("198.51.100.0/24"),
      prefix("203.0.113.0/24"), prefix("224.0.0.0/4"),    prefix("240.0.0.0/4"),
  };
  return prefixes;
}

/// Global unicast is 2000::/3 and nothing else; these parts of it are not for hosts of the public Internet.
const Prefixes& special_v6() {
  static const Prefixes prefixes = {
      prefix("2001::/23"),      // IETF protocol assignments: benchmarking, ORCHID, anycast of protocols
      prefix("2001:db8::/32"),  // documentation
      prefix("3fff::/20"),      // documentation
  };
  return prefixes;
}

bool within(const Prefixes& prefixes, const Address& address) {
  return std::ranges::any_of(prefixes, [&](const AddressPrefix& prefix) { return prefix.contains(address); });
}

/// The IPv4 address whose first octet is `octets[at]`, each octet xored with `mask`.
Address embedded(const Address& address, std::size_t at, std::uint8_t mask = 0) {
  std::array<std::uint8_t, 4> four{};
  for (std::size_t i = 0; i < four.size(); ++i) four[i] = static_cast<std::uint8_t>(address.octets()[at + i] ^ mask);
  return Address::v4(four, address.port());
}

}  // namespace

std::optional<AddressPrefix> AddressPrefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash), 0);
  if (!address) return std::nullopt;
  AddressPrefix result{*address, address->is_v4() ? 32U : 128U};
  if (slash == std::string_view::npos) return result;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > result.bits) return std::nullopt;
  result.bits = bits;
  return result;
}

bool AddressPrefix::contains(const Address& other) const {
  if (address.is_v4() != other.is_v4()) return false;
  const Bytes ours = address.octets();
  const Bytes theirs = other.octets();
  const std::size_t whole = bits / 8;
  if (!std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(whole), theirs.begin())) return false;
  return bits % 8 == 0 || (ours[whole] ^ theirs[whole]) >> (8 - bits % 8) == 0;
}

Address unwrapped(Address address) {
  // Address has taken away ::ffff:0:0/96 already, and in an IPv4 address nothing can be embedded. In 64:ff9b:1::/48 (RFC 8215)
  // only its operator knows where the IPv4 address stands; as it stands that prefix is not globally routable.
  static const AddressPrefix translated = prefix("::ffff:0:0:0/96");  // IPv4-translated, RFC 2765
  static const AddressPrefix compatible = prefix("::/96");            // IPv4-compatible, RFC 4291 section 2.5.5.1
  static const AddressPrefix six_to_four = prefix("2002::/16");       // RFC 3056
  static const AddressPrefix teredo = prefix("2001::/32");            // RFC 4380: the client's address, inverted, stands last
  static const AddressPrefix nat64 = prefix("64:ff9b::/96");          // RFC 6052
  if (address.is_v4()) return address;
  if (six_to_four.contains(address)) return embedded(address, 2);
  if (teredo.contains(address)) return embedded(address, 12, 0xff);
  if (nat64.contains(address) || translated.contains(address)) return embedded(address, 12);
  // :: and ::1 are addresses of their own.
  const Bytes octets = address.octets();
  const bool plain = octets[12] == 0 && octets[13] == 0 && octets[14] == 0 && octets[15] <= 1;
  if (compatible.contains(address) && !plain) return embedded(address, 12);
  return address;
}

bool is_globally_routable(const Address& address) {
  static const AddressPrefix global_unicast = prefix("2000::/3");
  if (address.is_v4()) return !within(special_v4(), address);
  return global_unicast.contains(address) && !within(special_v6(), address);
}

bool PeerPolicy::allows(const Address& peer) const {
  const Address inside = unwrapped(peer);
  for (const Rule& rule : rules_)
    if (rule.meets(peer, inside) && rule.first_port <= peer.port() && peer.port() <= rule.last_port) return rule.allow;
  return is_globally_routable(inside);
}

AllowedPorts PeerPolicy::allowed_ports(const Address& peer) const {
  const Address inside = unwrapped(peer);
  bool some_allowed = false;
  bool some_refused = false;
  const auto all_others = [&](bool allowed) {
    if (allowed) return some_refused ? AllowedPorts::some : AllowedPorts::all;
    return some_allowed ? AllowedPorts::some : AllowedPorts::none;
  };
  for (const Rule& rule : rules_) {
    if (!rule.meets(peer, inside)) continue;
    if (rule.first_port == 0 && rule.last_port == 65535) return all_others(rule.allow);
    (rule.allow ? some_allowed : some_refused) = true;
  }
  return all_others(is_globally_routable(inside));
}

}  // namespace parley::turn
