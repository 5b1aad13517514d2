// parley-loadtest: a crowd of synthetic participants, and what became of them. See --help.

#include <fstream>
#include <iostream>

#include "loadtest/program/driver.hpp"
#include "loadtest/program/files.hpp"
#include "loadtest/program/options.hpp"
#include "loadtest/program/target.hpp"
#include "sfu/net/library_clock.hpp"
#include "sfu/net/signals.hpp"
#include "sfu/net/system_error.hpp"

namespace {

using namespace parley;
using namespace parley::loadtest;

constexpr int threshold_missed = 1;
constexpr int cannot_run = 2;

Scenario load_scenario(const Options& options) {
  Scenario scenario = read_scenario(options.scenario);
  if (options.duration > 0) scenario.duration = Duration(static_cast<std::int64_t>(options.duration * 1e9));
  return scenario;
}

/// Before a long test rather than after it.
void check_writable(const std::string& path) {
  if (!path.empty() && !std::ofstream(path, std::ios::app)) throw net::SystemError::sentence(path + " cannot be written.");
}

void write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  std::ofstream stream(path);
  stream << text;
  if (!stream.flush()) throw net::SystemError::sentence(path + " cannot be written.");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    net::steady_library_clock();
    const Options options = parse_options(argc, argv);
    if (options.exit_code) return *options.exit_code;
    check_writable(options.json);
    check_writable(options.html);
    net::raise_descriptor_limit();
    const Scenario scenario = load_scenario(options);
    Random random = Random::from_system();
    const Target target(options, random);
    const Report report = Driver(options, scenario, target).run();
    std::cout << write_table(report) << std::flush;
    write_file(options.json, write_json(report));
    write_file(options.html, write_html(report));
    if (!report.held()) return threshold_missed;
    if (report.joins.until_connected.count() == 0) throw net::SystemError::sentence("Nobody got in, so nothing was measured.");
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "parley-loadtest: " << error.what() << "\n";
    return cannot_run;
  }
}
