// The load tester's scenario files in virtual time: what holds on sockets holds here, on a machine that is infinitely fast.

#include <catch2/catch.hpp>

#include "loadtest/program/files.hpp"
#include "tests/sim/rehearsal.hpp"

using namespace parley;
using namespace parley::sim;
using loadtest::Report;
using loadtest::Scenario;

namespace {

Scenario scenario_file(const std::string& name, Duration measured) {
  Scenario scenario = loadtest::read_scenario(std::string(PARLEY_SOURCE_DIR) + "/loadtest/scenarios/" + name + ".yaml");
  scenario.duration = measured;
  return scenario;
}

Report play(const Scenario& scenario, const Rehearsal::Settings& settings = {}) {
  const auto clips = loadtest::read_clips(scenario.media, PARLEY_CLIPS);
  Rehearsal rehearsal(scenario, clips, settings);
  while (rehearsal.play_on()) {
  }
  return rehearsal.report();
}

}  // namespace

TEST_CASE("scenario files hold in virtual time") {
  for (const char* name : {"livestream_1x50", "meeting_10", "bad_network", "real_media"}) {
    const Report report = play(scenario_file(name, seconds(4)));
    INFO(write_table(report));
    CHECK(report.held());
    CHECK(report.packets > 0);
    CHECK(report.attendance.connected == report.attendance.planned);
  }
}

TEST_CASE("data topics are played on lines that have an end") {
  Scenario scenario = scenario_file("data_10", seconds(1));
  scenario.ramp = scenario.settle = milliseconds(500);
  const Report report = play(scenario);
  INFO(write_table(report));
  CHECK(report.held());
  CHECK(report.data[loadtest::DataMode::wait].received > 100);
}

TEST_CASE("people come and go between two workers") {
  Scenario scenario = scenario_file("churn", seconds(5));
  scenario.ramp = seconds(3);
  scenario.rooms.stay = seconds(2);
  const Report report = play(scenario, {.workers = 2});
  INFO(write_table(report));
  CHECK(report.held());
  CHECK(report.attendance.left > 10);
}

TEST_CASE("a threshold that is not held is told") {
  Scenario scenario = scenario_file("bad_network", seconds(4));
  scenario.network.down->loss = 0.5;
  CHECK_FALSE(play(scenario).held());
}

TEST_CASE("one seed of a scenario file is one history") {
  const Scenario scenario = scenario_file("bad_network", seconds(2));
  const std::string first = write_json(play(scenario, {.seed = 7}));
  CHECK(write_json(play(scenario, {.seed = 7})) == first);
  CHECK(write_json(play(scenario, {.seed = 8})) != first);
}
