#pragma once
// What the options mean, checked: addresses, ranges, rules, users.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sfu/base/time.hpp"
#include "turn/config.hpp"
#include "turn/credentials.hpp"
#include "turn/program/options.hpp"

namespace parley::turn {

struct Settings {
  std::vector<Address> listen;
  std::vector<Address> tls;
  std::string certificate;
  std::string key;
  Config config;  ///< of the whole server: config_of() cuts a worker's part out of it
  std::optional<PortRange> own_ports;
  std::vector<PeerPolicy::Rule> rules;  ///< the operator's own
  std::vector<std::pair<std::string, std::string>> users;
  std::vector<std::string> secrets;
  std::uint32_t threads = 1;
  std::string fast_path;  ///< network interface; empty: none
  std::optional<Address> metrics;
  std::optional<Address> alternate_v4;
  std::optional<Address> alternate_v6;
  Duration drain{};
};

/// Throws SystemError, which names the option and what it takes.
Settings check(const Options& options);

/// The relayed addresses where none were given: the first of each family. Throws SystemError when there is none.
void complete(Config& config, const std::vector<Address>& interfaces);

/// Whom this machine may relay to: the operator's rules; of its own addresses, however public, only the ports that were asked for
/// and those of the relay, where a client may be that can be reached no other way; then PeerPolicy's defaults.
PeerPolicy peer_policy(const Settings& settings, const std::vector<Address>& interfaces);

/// What worker `index` of `count` does: its slice of the ports, its number.
Config config_of(const Config& whole, std::uint32_t index, std::uint32_t count);

Credentials credentials_of(const Settings& settings);

}  // namespace parley::turn
