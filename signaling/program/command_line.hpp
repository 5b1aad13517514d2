#pragma once
// The command line of `parley`: subcommands and their options, with those of `serve` taken from the table in config.hpp.

#include <string>

#include "sfu/base/time.hpp"
#include "signaling/config.hpp"

namespace parley::signaling {

struct TokenRequest {
  Grant grant;
  Duration valid = hours(6);
};

struct WhyRequest {
  std::string url = "http://127.0.0.1:8080";  ///< of the server
  std::string room;
  std::string participant;  ///< identity
  bool insecure = false;    ///< certificates are not checked
  bool json = false;        ///< the server's answer as it is
};

struct CommandLine {
  enum class Command { serve, token, why, nothing };
  Command command = Command::nothing;
  int exit_code = 0;  ///< for nothing: help was printed, or the command line was wrong (and it was said how)
  Config config;      ///< defaults, then the file, then the command line
  TokenRequest token;
  WhyRequest why;
};

CommandLine parse_command_line(int argc, char** argv);

}  // namespace parley::signaling
