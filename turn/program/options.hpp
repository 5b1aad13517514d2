#pragma once
// The command line of parley-turn, and the file of --config, which takes the same names.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley::turn {

struct Options {
  std::vector<std::string> listen;  ///< ADDRESS:PORT, UDP and TCP
  std::vector<std::string> tls;     ///< ADDRESS:PORT
  std::string certificate;          ///< PEM file
  std::string key;                  ///< PEM file
  std::vector<std::string> relay_addresses;
  std::string relay_ports = "49152-65535";
  std::string realm = "parley";
  std::vector<std::string> users;    ///< NAME:PASSWORD
  std::vector<std::string> secrets;  ///< for time-limited names
  std::vector<std::string> allowed_peers;
  std::vector<std::string> denied_peers;
  std::string fast_path;      ///< network interface; empty: none
  std::string own_ports;      ///< of this machine's addresses that peers may be at; empty: none
  std::uint32_t threads = 0;  ///< 0: one for each core
  std::string metrics;        ///< ADDRESS:PORT of the HTTP server; empty: none
  std::uint32_t allocations_per_user = 64;
  std::uint32_t allocations_per_address = 1024;
  std::uint64_t user_bandwidth = 0;     ///< bytes a second; 0: without a limit
  std::uint64_t address_bandwidth = 0;  ///< bytes a second
  std::vector<std::string> alternates;  ///< ADDRESS:PORT, one for each family
  std::uint32_t drain_seconds = 60;
  int control = -1;  ///< the pipe to `parley serve`

  /// Set when the program is to end at once, as after --help.
  std::optional<int> exit_code;
};

/// Prints help and complaints about the command line itself. Throws SystemError for those about the file.
Options parse_options(int argc, char** argv);

}  // namespace parley::turn
