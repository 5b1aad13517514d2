#include "turn/program/settings.hpp"

#include <algorithm>
#include <charconv>

#include "sfu/net/system_error.hpp"

namespace parley::turn {
namespace {

net::SystemError wrong(const std::string& option, const std::string& wanted, const std::string& value) {
  return net::SystemError::sentence(option + " takes " + wanted + ", not \"" + value + "\".");
}

Address parse_listener(const std::string& option, const std::string& value) {
  const auto address = Address::parse_with_port(value);
  if (!address) throw wrong(option, "an address with a port, such as 0.0.0.0:3478 or [::]:3478", value);
  return *address;
}

std::vector<Address> parse_listeners(const std::string& option, const std::vector<std::string>& values) {
  std::vector<Address> addresses;
  for (const std::string& value : values) addresses.push_back(parse_listener(option, value));
  return addresses;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

/// "40000-40007", or one port.
std::optional<PortRange> parse_ports(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return PortRange{*first, *last};
}

/// "10.0.0.0/8", "10.0.0.5:40000-40007", "fd00::/8" or "[fd00::/8]:40000".
std::optional<PeerPolicy::Rule> parse_rule(std::string_view text, bool allow) {
  PeerPolicy::Rule rule{.allow = allow, .prefix = {}};
  std::string_view prefix = text;
  const auto colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  if (bracketed || (colon != std::string_view::npos && text.find(':') == colon)) {
    const std::string_view behind = bracketed ? text.substr(std::min(text.find(']'), text.size())) : text.substr(colon);
    if (bracketed && behind.empty()) return std::nullopt;
    prefix = bracketed ? text.substr(1, text.size() - behind.size() - 1) : text.substr(0, colon);
    const std::string_view ports = behind.substr(bracketed ? 1 : 0);
    const auto range = ports.starts_with(':') ? parse_ports(ports.substr(1)) : PortRange{0, 65535};
    if (!range || (!ports.empty() && !ports.starts_with(':'))) return std::nullopt;
    rule.first_port = range->first;
    rule.last_port = range->last;
  }
  const auto parsed = AddressPrefix::parse(prefix);
  if (!parsed) return std::nullopt;
  rule.prefix = *parsed;
  return rule;
}

void add_rules(const std::string& option, const std::vector<std::string>& values, bool allow,
               std::vector<PeerPolicy::Rule>& rules) {
  for (const std::string& value : values) {
    const auto rule = parse_rule(value, allow);
    if (!rule) throw wrong(option, "a network, with or without ports, such as 10.0.0.0/8 or 10.0.0.5:40000-40007", value);
    rules.push_back(*rule);
  }
}

/// "203.0.113.7" or "203.0.113.7/10.0.0.5". The local one is filled in later where it is not given.
void set_relay_address(const std::string& value, Config& config) {
  const auto slash = std::min(value.find('/'), value.size());
  const auto advertised = Address::parse(value.substr(0, slash), 0);
  const auto local = slash < value.size() ? Address::parse(value.substr(slash + 1), 0) : advertised;
  if (!advertised || !local || advertised->is_v4() != local->is_v4() || advertised->is_unspecified())
    throw wrong("--relay-address", "an address, or the public one and the machine's own: 203.0.113.7/10.0.0.5", value);
  auto& target = advertised->is_v4() ? config.relay_v4 : config.relay_v6;
  if (target) throw net::SystemError::sentence("--relay-address: at most one address of each family can be relayed from.");
  target = RelayAddress{*local, *advertised};
}

std::vector<std::pair<std::string, std::string>> parse_users(const std::vector<std::string>& values) {
  std::vector<std::pair<std::string, std::string>> users;
  for (const std::string& value : values) {
    const auto colon = value.find(':');
    if (colon == 0 || colon >= value.size() - 1)
      throw net::SystemError::sentence("--user takes NAME:PASSWORD, and neither of them empty.");
    users.emplace_back(value.substr(0, colon), value.substr(colon + 1));
  }
  return users;
}

Config config_from(const Options& options) {
  Config config;
  config.realm = options.realm;
  const auto ports = parse_ports(options.relay_ports);
  if (!ports || ports->first < 1024)
    throw wrong("--relay-ports", "a range from 1024 upwards, such as 49152-65535", options.relay_ports);
  config.relay_ports = *ports;
  for (const std::string& value : options.relay_addresses) set_relay_address(value, config);
  config.limits.allocations_of_user = options.allocations_per_user;
  config.limits.allocations_of_address = options.allocations_per_address;
  config.limits.bandwidth_of_user = options.user_bandwidth;
  config.limits.bandwidth_of_address = options.address_bandwidth;
  return config;
}

}  // namespace

Settings check(const Options& options) {
  Settings settings;
  settings.listen = parse_listeners("--listen", options.listen);
  settings.tls = parse_listeners("--tls", options.tls);
  settings.certificate = options.certificate;
  settings.key = options.key;
  if (!options.tls.empty() && (options.certificate.empty() || options.key.empty()))
    throw net::SystemError::sentence("--tls needs a certificate: give --cert and --key.");
  settings.config = config_from(options);
  add_rules("--deny-peer", options.denied_peers, false, settings.rules);
  add_rules("--allow-peer", options.allowed_peers, true, settings.rules);
  if (!options.own_ports.empty()) {
    settings.own_ports = parse_ports(options.own_ports);
    if (!settings.own_ports) throw wrong("--allow-own-ports", "a range of ports, such as 40000-40007", options.own_ports);
  }
  settings.users = parse_users(options.users);
  settings.secrets = options.secrets;
  for (const std::string& secret : settings.secrets)
    if (secret.empty()) throw net::SystemError::sentence("--secret takes a secret that is not empty.");
  if (settings.users.empty() && settings.secrets.empty() && options.control < 0)
    throw net::SystemError::sentence("Nobody could relay: give at least one --user NAME:PASSWORD or --secret SECRET.");
  settings.threads = options.threads;
  settings.fast_path = options.fast_path;
  if (!options.metrics.empty()) settings.metrics = parse_listener("--metrics", options.metrics);
  for (const Address& address : parse_listeners("--alternate-server", options.alternates))
    (address.is_v4() ? settings.alternate_v4 : settings.alternate_v6) = address;
  settings.drain = seconds(options.drain_seconds);
  return settings;
}

void complete(Config& config, const std::vector<Address>& interfaces) {
  const auto has = [&](const Address& address) { return std::ranges::find(interfaces, address) != interfaces.end(); };
  const auto first = [&](bool v4) {
    return std::ranges::find_if(interfaces, [&](const Address& address) { return address.is_v4() == v4; });
  };
  const bool none_given = !config.relay_v4 && !config.relay_v6;
  for (const bool v4 : {true, false}) {
    auto& relay = v4 ? config.relay_v4 : config.relay_v6;
    const auto own = first(v4);
    if (!relay && none_given && own != interfaces.end()) relay = RelayAddress{*own, *own};
    // A public address that this machine does not have is its NAT's.
    if (relay && relay->local == relay->advertised && !relay->local.is_loopback() && !has(relay->local) &&
        own != interfaces.end())
      relay->local = *own;
    const bool named = relay && relay->local != relay->advertised;
    if (named && !relay->local.is_loopback() && !relay->local.is_unspecified() && !has(relay->local))
      throw net::SystemError::sentence("--relay-address: this machine does not have the address " + relay->local.host() + ".");
  }
  if (!config.relay_v4 && !config.relay_v6)
    throw net::SystemError::sentence("This machine has no address to relay from: give one with --relay-address.");
}

PeerPolicy peer_policy(const Settings& settings, const std::vector<Address>& interfaces) {
  std::vector<PeerPolicy::Rule> rules = settings.rules;
  const PortRange& relayed = settings.config.relay_ports;
  for (const Address& address : interfaces) {
    const AddressPrefix prefix{address, address.is_v4() ? 32u : 128u};
    if (settings.own_ports) rules.push_back({true, prefix, settings.own_ports->first, settings.own_ports->last});
    rules.push_back({true, prefix, relayed.first, relayed.last});
    rules.push_back({.allow = false, .prefix = prefix});
  }
  return PeerPolicy(std::move(rules));
}

Config config_of(const Config& whole, std::uint32_t index, std::uint32_t count) {
  Config config = whole;
  config.worker = static_cast<std::uint8_t>(index);
  // Pairs of ports (EVEN-PORT) stay together: a slice begins with an even one.
  const std::uint32_t first = whole.relay_ports.first + whole.relay_ports.first % 2u;
  const std::uint32_t slice = (whole.relay_ports.last + 1u - first) / count / 2 * 2;
  if (count == 1 || slice < 2) return config;
  config.relay_ports = {static_cast<std::uint16_t>(first + index * slice),
                        static_cast<std::uint16_t>(first + (index + 1) * slice - 1)};
  return config;
}

Credentials credentials_of(const Settings& settings) {
  Credentials credentials(settings.config.realm);
  for (const auto& [name, password] : settings.users) credentials.add_user(name, password);
  for (const std::string& secret : settings.secrets) credentials.add_secret(secret);
  return credentials;
}

}  // namespace parley::turn
