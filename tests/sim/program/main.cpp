// parley-sim: plays the quality cases in virtual time and says whether every viewer gets the best picture that the network
// carries.
//
//   parley-sim list
//   parley-sim run CASE [--seed S] [--json] [--plot FILE.svg]      CASE may be "all"
//   parley-sim swarm --seeds N                                     every case with N seeds
//
// Exit code: 0 every figure was reached, 1 one was missed, 2 it could not run.

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "tests/sim/quality/plot.hpp"
#include "tests/sim/quality/report.hpp"

using namespace parley::quality;

namespace {

struct Options {
  std::string name;
  std::uint64_t seed = 1;
  std::uint64_t seeds = 20;
  bool json = false;
  std::string plot;
};

void list() {
  for (const Case& each : all_cases()) std::printf("%-16s %s\n", std::string(each.name).c_str(), std::string(each.what).c_str());
}

bool play(const Case& wanted, const Options& options) {
  const Outcome outcome = wanted.play(options.seed);
  std::cout << (options.json ? json(wanted, options.seed, outcome) : table(wanted, options.seed, outcome)) << "\n";
  if (options.plot.empty()) return outcome.reached();
  std::ofstream file(options.plot);
  file << plot(std::string(wanted.name) + ": " + std::string(wanted.what), outcome.recording);
  if (!file.flush()) throw std::runtime_error("cannot write " + options.plot);
  return outcome.reached();
}

bool run(const Options& options) {
  if (options.name != "all") {
    const Case* const wanted = find_case(options.name);
    if (!wanted) throw std::runtime_error("there is no case " + options.name + "; \"parley-sim list\" shows them");
    return play(*wanted, options);
  }
  if (!options.plot.empty()) throw std::runtime_error("a plot shows one case");
  bool reached = true;
  for (const Case& each : all_cases()) reached &= play(each, options);
  return reached;
}

/// Prints the figures that were missed, each with the seed that shows it again.
bool swarm(const Options& options) {
  bool reached = true;
  for (const Case& each : all_cases()) {
    std::uint64_t missed = 0;
    for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
      const Outcome outcome = each.play(seed);
      if (outcome.reached()) continue;
      ++missed;
      for (const Figure& figure : outcome.figures)
        if (!figure.reached())
          std::cout << "  seed " << seed << ": " << figure.name << " " << figure.measured << ", wanted " << figure.wanted()
                    << "\n";
    }
    std::cout << each.name << ": " << options.seeds - missed << " of " << options.seeds << " seeds\n" << std::flush;
    reached &= missed == 0;
  }
  return reached;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("parley-sim: the quality of Parley's congestion control and layer choice, in virtual time.");
  app.require_subcommand(1);
  Options options;
  app.add_subcommand("list", "the cases");
  auto* const one = app.add_subcommand("run", "play one case, or all");
  one->add_option("case", options.name, "its name, or all")->required();
  one->add_option("--seed", options.seed, "one seed is one history")->capture_default_str();
  one->add_flag("--json", options.json, "figures as JSON");
  one->add_option("--plot", options.plot, "capacity, estimate, sent rate, queue and layer over time, as an SVG file");
  auto* const many = app.add_subcommand("swarm", "play all cases with many seeds");
  many->add_option("--seeds", options.seeds, "how many")->check(CLI::PositiveNumber)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    if (app.got_subcommand("list")) return list(), 0;
    return (app.got_subcommand(one) ? run(options) : swarm(options)) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "parley-sim: " << error.what() << "\n";
    return 2;
  }
}
