#pragma once
// Everything that `parley serve` can be told. One table of options serves the command line, the YAML file and --help: each
// option has a name, a default, and the reason for it. Defaults first, then the file, then the command line.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/result.hpp"
#include "signaling/auth.hpp"
#include "signaling/protocol.hpp"

namespace parley::signaling {

/// The bundled relay.
struct RelayConfig {
  bool wanted = true;
  std::optional<Address> listen;  ///< UDP and TCP; nothing: "off"
  std::optional<Address> tls;     ///< only where there is a certificate; nothing: "off"
  std::string ports;              ///< of allocations: "49152-65535"
  std::string host;               ///< in the URLs that clients are told; empty: see the option
};

struct Config {
  std::optional<Address> http;     ///< nothing: "off"
  std::optional<Address> https;    ///< nothing: "off"
  std::optional<Address> metrics;  ///< a port of their own; nothing: "off"
  std::string certificate;         ///< PEM file; empty: one that is made and kept in `state`
  std::string key;                 ///< PEM file
  std::string page;                ///< directory; empty: where a build or a package puts it
  std::uint16_t media_port = 40000;
  bool media_udp = true;
  bool media_tcp = true;
  std::vector<Address> advertise;  ///< port 0: the worker's own
  std::uint32_t workers = 0;       ///< 0: as many as there are cores
  std::uint32_t last_n = 0;        ///< 0: all
  std::uint32_t audible_speakers = 0;
  bool direct = true;  ///< browsers may connect to each other
  std::string state;   ///< directory; empty: the driver chooses
  Keys api_keys;       ///< besides the one kept in `state`
  std::vector<IceServer> ice_servers;
  RelayConfig relay;
  Limits limits;
};

/// One option. On the command line "--name VALUE", in the file "name: VALUE"; `many`: given several times, or a YAML list.
struct Option {
  std::string name;
  std::string placeholder;  ///< "ADDRESS:PORT"
  std::string description;  ///< what it does, for --help
  std::string fallback;     ///< the default as it would be written
  std::string reason;       ///< why that default
  bool many = false;
  /// Takes the values over, or says in a phrase what was expected instead ("a port number from 1 to 65535").
  std::function<std::optional<std::string>(Config&, const std::vector<std::string>&)> set;
};

/// In the order of --help. The option "config" (the file itself) is the command line's own and not in the table.
const std::vector<Option>& options();

/// "90s", "10m", "6h", "1d" or "250ms"; nothing when it is none of these, or not above zero.
std::optional<Duration> parse_duration(std::string_view text);

/// All defaults.
Config default_config();

/// Sets one option as the command line does. Refused: "option_unknown", "option_invalid"; the message names the option and
/// what was expected, or the nearest known name.
std::optional<Error> set_option(Config& config, std::string_view name, const std::vector<std::string>& values);

/// What no option has wrong by itself: nobody could come in, or there are not enough ports for so many workers. Refused:
/// "config_invalid".
std::optional<Error> check_config(const Config& config, std::uint32_t workers);

/// Applies a YAML file to `config`. Refused: "config_invalid" (not YAML), "option_unknown", "option_invalid"; the
/// message names the line.
std::optional<Error> apply_yaml(Config& config, std::string_view text);

}  // namespace parley::signaling
