// parley-sim: plays in virtual time. The quality cases say whether every viewer gets the best picture that the network carries;
// the scenario files of the load tester play here as they do on real sockets.
//
//   parley-sim list
//   parley-sim run CASE [--seed S] [--json] [--plot FILE.svg]      CASE may be "all"
//   parley-sim swarm --seeds N                                     every case with N seeds
//   parley-sim scenario FILE.yaml [--seed S] [--workers N] [--duration SECONDS] [--json FILE] [--html FILE]
//
// Exit code: 0 every figure was reached, 1 one was missed, 2 it could not run.

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "loadtest/program/files.hpp"
#include "sfu/net/child_process.hpp"
#include "sfu/net/system_error.hpp"
#include "tests/sim/quality/plot.hpp"
#include "tests/sim/quality/report.hpp"
#include "tests/sim/rehearsal.hpp"

using namespace parley;
using namespace parley::quality;

namespace {

struct Options {
  std::string name;
  std::uint64_t seed = 1;
  std::uint64_t seeds = 20;
  bool json = false;
  std::string plot;
  std::string file;
  std::uint32_t workers = 1;
  double duration = 0;  ///< seconds; 0: as the scenario says
  std::string json_file;
  std::string html_file;
};

void write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

void list() {
  for (const Case& each : all_cases()) std::printf("%-16s %s\n", std::string(each.name).c_str(), std::string(each.what).c_str());
}

bool play(const Case& wanted, const Options& options) {
  const Outcome outcome = wanted.play(options.seed);
  std::cout << (options.json ? json(wanted, options.seed, outcome) : table(wanted, options.seed, outcome)) << "\n";
  if (!options.plot.empty())
    write_file(options.plot, plot(std::string(wanted.name) + ": " + std::string(wanted.what), outcome.recording));
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

bool rehearse(const Options& options) {
  loadtest::Scenario scenario = loadtest::read_scenario(options.file);
  if (options.duration > 0) scenario.duration = Duration(static_cast<std::int64_t>(options.duration * 1e9));
  const loadtest::Clips clips = loadtest::read_clips(scenario.media, net::executable_directory() + "/../clips");
  sim::Rehearsal rehearsal(scenario, clips, {options.seed, options.workers});
  const bool shows_progress = net::error_output_is_terminal();
  while (rehearsal.play_on())
    if (shows_progress) std::cerr << "\r\x1B[K" << loadtest::write_progress(*rehearsal.newest()) << std::flush;
  if (shows_progress) std::cerr << "\r\x1B[K";
  const loadtest::Report report = rehearsal.report();
  std::cout << loadtest::write_table(report);
  write_file(options.json_file, loadtest::write_json(report));
  write_file(options.html_file, loadtest::write_html(report));
  return report.held();
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
  auto* const scenario = app.add_subcommand("scenario", "play a scenario file of the load tester");
  scenario->add_option("file", options.file, "YAML, such as loadtest/scenarios/meeting_10.yaml")->required();
  scenario->add_option("--seed", options.seed, "one seed is one history")->capture_default_str();
  scenario->add_option("--workers", options.workers, "media workers")->check(CLI::Range(1, 16))->capture_default_str();
  scenario->add_option("--duration", options.duration, "seconds to measure, instead of what the scenario says")
      ->check(CLI::Range(1.0, 1e6));
  scenario->add_option("--json", options.json_file, "write the result here");
  scenario->add_option("--html", options.html_file, "write a page with plots here");
  CLI11_PARSE(app, argc, argv);
  try {
    if (app.got_subcommand("list")) return list(), 0;
    if (app.got_subcommand(scenario)) return rehearse(options) ? 0 : 1;
    return (app.got_subcommand(one) ? run(options) : swarm(options)) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "parley-sim: " << error.what() << "\n";
    return 2;
  }
}
