// What a report says about readings that are made up.
#include "loadtest/report.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace parley;
using namespace parley::loadtest;
using nlohmann::json;

namespace {

constexpr Time start{};

/// Ten viewers get 1000 packets a second from the first second on, each after 2 ms; the server takes half a core.
Reading reading(int second) {
  Reading reading{.now = start + seconds(second), .attendance = {}, .totals = {}, .server = {}};
  reading.attendance = {.planned = 11, .joining = 0, .connected = 11, .failed = 0, .left = 0};
  Quality& received = reading.totals.received;
  received.packets = 1000 * static_cast<std::uint64_t>(second);
  received.octets = received.packets * 500;
  received.verified = received.packets;
  received.delay.add(2000, received.packets);
  reading.totals.viewers = 10;
  reading.server = ServerUsage{milliseconds(500 * second), 1'000'000 + (second > 0 ? 2'000'000u : 0u)};
  return reading;
}

Scenario scenario(std::vector<Threshold> thresholds) {
  Scenario scenario;
  scenario.name = "A <test>";
  scenario.ramp = seconds(1);
  scenario.settle = seconds(1);
  scenario.duration = seconds(4);
  scenario.thresholds = std::move(thresholds);
  return scenario;
}

Report run(std::vector<Threshold> thresholds, std::uint64_t missing = 0) {
  Recorder recorder(scenario(std::move(thresholds)), start);
  for (int second = 0; second <= 6; ++second) {
    Reading now = reading(second);
    if (second == 6) now.totals.received.missing = missing;
    recorder.record(now);
  }
  Joins joins;
  joins.until_connected.add(20'000, 10);
  joins.failures["the server answers 503"] = 2;
  return recorder.finish(joins, "ws://server");
}

}  // namespace

TEST_CASE("CPU is charged to the packets that arrived during the measurement alone") {
  const Report report = run({});
  CHECK(report.measured == seconds(4));
  CHECK(report.packets == 4000);
  CHECK(report.server_cpu == seconds(2));
  CHECK(measure(report, Metric::cpu_us_per_copy) == Approx(500));
  CHECK(measure(report, Metric::memory_per_subscriber) == Approx(200'000));
  CHECK(measure(report, Metric::delay_p99).value() == Approx(0.002).margin(0.0001));
  CHECK(measure(report, Metric::join_p95).value() == Approx(0.02).margin(0.001));
}

TEST_CASE("Every second has its own rate, delay and server load") {
  const Report report = run({});
  REQUIRE(report.samples.size() == 6);
  for (const Sample& sample : report.samples) {
    CHECK(sample.packets_per_second == Approx(1000));
    CHECK(sample.bits_per_second == Approx(4'000'000));
    CHECK(sample.delay_p99 >= microseconds(1950));
    CHECK(sample.server_cores.value() == Approx(0.5));
  }
}

TEST_CASE("A threshold holds up to its limit, and one that was missed is named with what was wanted and measured") {
  CHECK(run({{Metric::loss, 0.0}}).held());
  const Report report = run({{Metric::loss, 0.001}, {Metric::cpu_us_per_copy, 500}}, 60);
  CHECK_FALSE(report.held());
  CHECK_FALSE(report.verdicts[0].held());
  CHECK(report.verdicts[1].held());
  const std::string table = write_table(report);
  CHECK(table.find("MISSED  packets that never arrived: wanted at most 0.10 %, measured 0.99 %") != std::string::npos);
  CHECK(table.find("held    server CPU for each packet that arrived: wanted at most 500.00 µs, measured 500.00 µs") !=
        std::string::npos);
}

TEST_CASE("What was not measured does not hold") {
  Recorder recorder(scenario({{Metric::cpu_us_per_copy, 1000}, {Metric::loss, 1}}), start);
  Reading empty{.now = start, .attendance = {}, .totals = {}, .server = {}};
  recorder.record(empty);
  empty.now = start + seconds(6);
  recorder.record(empty);
  const Report report = recorder.finish({}, "");
  CHECK_FALSE(report.held());
  CHECK_FALSE(report.verdicts[0].held());
  CHECK_FALSE(report.verdicts[1].held());
  CHECK(write_table(report).find("but it could not be measured") != std::string::npos);
}

TEST_CASE("The table says in words who came, what failed and what it cost") {
  const std::string table = write_table(run({}));
  for (const char* words :
       {"11 planned, 11 connected", "2: the server answers 503", "1.0 kpackets/s", "Server CPU            50.0 % of a core",
        "200 kB for each viewer", "1.0 MB before, 3.0 MB at load"}) {
    INFO(table);
    CHECK(table.find(words) != std::string::npos);
  }
}

TEST_CASE("The JSON has every number, and null for what was not measured") {
  const json result = json::parse(write_json(run({{Metric::failed, 0}})));
  CHECK(result["scenario"] == "A <test>");
  CHECK(result["held"] == true);
  CHECK(result["measurement"]["metrics"]["cpu_us_per_copy"] == 500);
  CHECK(result["measurement"]["metrics"]["first_frame_p95"].is_null());
  CHECK(result["samples"].size() == 6);
  CHECK(result["thresholds"][0] == json{{"metric", "failed"}, {"limit", 0.0}, {"measured", 0.0}, {"held", true}});
  CHECK(result["failures"]["the server answers 503"] == 2);
}

TEST_CASE("The page stands alone: no scripts, nothing from elsewhere, and names are text, not markup") {
  const std::string page = write_html(run({{Metric::failed, 0}}));
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.find("A &lt;test&gt;") != std::string::npos);
  CHECK(page.find("A <test>") == std::string::npos);
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("http") == std::string::npos);
  CHECK(page.find("prefers-color-scheme: dark") != std::string::npos);
  std::size_t plots = 0;
  for (auto at = page.find("<svg"); at != page.npos; at = page.find("<svg", at + 1)) ++plots;
  CHECK(plots == 6);
}
