#pragma once
// The command line of parley-loadtest.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley::loadtest {

struct Options {
  std::string scenario;  ///< file
  std::string url;       ///< of Parley's WebSocket
  std::string whip;      ///< URL that publishers post to; {room} stands for the room
  std::string whep;      ///< URL that viewers post to
  std::string janus;     ///< URL of Janus' WebSocket
  bool serve = false;    ///< start a server, and end it
  std::uint32_t workers = 1;
  std::vector<std::string> server_arguments;  ///< for the server that is started
  std::string api_key;                        ///< "NAME:SECRET"
  std::string token;
  bool insecure = false;
  std::vector<int> watched;   ///< processes
  std::string local_network;  ///< CIDR
  std::string room = "loadtest";
  std::string clips;    ///< folder; empty: beside the program
  double duration = 0;  ///< seconds; 0: as the scenario says
  std::string json;     ///< file
  std::string html;     ///< file
  bool quiet = false;
  bool awake = false;

  /// Set when the program is to end at once, as after --help.
  std::optional<int> exit_code;
};

/// Prints help and complaints itself.
Options parse_options(int argc, char** argv);

}  // namespace parley::loadtest
