// parley-turn: the STUN and TURN relay. It joins turn::Server, which does the work, with sockets; `parley serve` starts one, and
// it serves any other system alone.

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <iostream>

#include "sfu/net/signals.hpp"
#include "turn/program/options.hpp"
#include "turn/program/program.hpp"

int main(int argc, char** argv) {
  using namespace parley;
  spdlog::set_default_logger(spdlog::stderr_color_mt("parley-turn"));
  spdlog::set_pattern("%H:%M:%S %v");
  try {
    const turn::Options options = turn::parse_options(argc, argv);
    if (options.exit_code) return *options.exit_code;
    net::raise_descriptor_limit();
    std::optional<net::Mailbox> supervisor;
    if (options.control >= 0) {
      net::ignore_interrupts();
      supervisor.emplace(net::FileDescriptor(options.control));
    }
    turn::Program(turn::check(options), std::move(supervisor)).run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "parley-turn: " << error.what() << "\n";
    return 1;
  }
}
