// parley: the front of the house. `parley serve` runs everything; `parley token` lets somebody in; `parley why` tells why a
// picture is not better.

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <iostream>

#include "sfu/net/clock.hpp"
#include "sfu/net/system_error.hpp"
#include "signaling/program/command_line.hpp"
#include "signaling/program/credentials.hpp"
#include "signaling/program/server.hpp"
#include "signaling/program/why_client.hpp"

namespace {

using namespace parley;
using namespace parley::signaling;

std::string state_of(const Config& config) { return config.state.empty() ? net::StateDirectory::default_path() : config.state; }

/// The first key that was given, or else the one that the state directory keeps.
Credentials credentials_of(const Config& config) {
  if (!config.api_keys.empty()) return {config.api_keys.begin()->first, config.api_keys.begin()->second};
  Random random = Random::from_system();
  return load_credentials(net::StateDirectory(state_of(config)), random);
}

bool has_key(const Config& config) { return !config.api_keys.empty() || has_credentials(state_of(config)); }

/// A server that has never been started may get its key here.
void print_token(const CommandLine& line) {
  const bool known = has_key(line.config);
  const Credentials credentials = credentials_of(line.config);
  if (!known)
    std::cerr << "parley: There was no key in " << state_of(line.config)
              << ", so one was made: the token is for a server with this --state.\n";
  std::cout << make_token(net::Clock().now(), line.token.grant, line.token.valid, credentials.key, credentials.secret) << "\n";
}

void print_why(const CommandLine& line) {
  if (!has_key(line.config))
    throw net::SystemError::sentence("There is no key in " + state_of(line.config) +
                                     ". Name the server's own directory with --state, or give --api-key.");
  std::cout << ask_why(line.why, credentials_of(line.config));
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_st("parley"));
  spdlog::set_pattern("%H:%M:%S %v");
  try {
    const CommandLine line = parse_command_line(argc, argv);
    if (line.command == CommandLine::Command::serve) Server(line.config).run();
    if (line.command == CommandLine::Command::token) print_token(line);
    if (line.command == CommandLine::Command::why) print_why(line);
    return line.exit_code;
  } catch (const std::exception& error) {
    std::cerr << "parley: " << error.what() << "\n";
    return 1;
  }
}
