#pragma once
// What a load test found out: readings once a second, sums over the measurement, and which thresholds held. The recorder is fed
// by whoever runs the test; the texts for a person, a program and a browser are pure functions of the Report.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/crowd.hpp"
#include "loadtest/scenario.hpp"
#include "sfu/base/histogram.hpp"

namespace parley::loadtest {

/// What the watched processes of the server have used since they started.
struct ServerUsage {
  Duration cpu{};
  std::uint64_t memory = 0;  ///< resident bytes
};

/// The state of everything at one moment.
struct Reading {
  Time now{};
  Attendance attendance;
  CrowdTotals totals;
  std::optional<ServerUsage> server;
  Duration own_cpu{};  ///< of the load tester itself, since it started
};

/// Between two readings.
struct Sample {
  Duration at{};  ///< the end, after the beginning of the test
  Attendance attendance;
  double packets_per_second = 0;  ///< that arrived at viewers
  double bits_per_second = 0;
  double loss = 0;  ///< share
  Duration delay_p50{};
  Duration delay_p99{};
  double own_cores = 0;                ///< 1: the load tester, which has one thread, can do no more
  std::optional<double> server_cores;  ///< 1: one core is busy
  std::optional<std::uint64_t> server_memory;
};

struct Verdict {
  Threshold threshold;
  std::optional<double> measured;  ///< nothing: it could not be measured, and so does not hold
  bool held() const { return measured && *measured <= threshold.limit; }
};

struct Report {
  std::string scenario;
  std::string server;            ///< what was tested, as the command line named it
  Duration length{};             ///< from the first join to the end
  bool in_virtual_time = false;  ///< nobody's processor time was measured
  Attendance attendance;
  Joins joins;
  CrowdTotals totals;  ///< over the whole test
  Drops drops;         ///< what the peers refused of all that arrived

  // over the measurement, which begins when everybody is there
  Duration measured{};
  std::uint64_t packets = 0;  ///< that arrived at viewers: the copies
  std::uint64_t octets = 0;
  Histogram delay;  ///< microseconds
  DataQuality data;
  std::optional<Duration> server_cpu;
  std::optional<std::uint64_t> memory_before;  ///< before anybody joined
  std::optional<std::uint64_t> memory_at_load;
  std::uint32_t viewers = 0;  ///< members that received something at the end

  std::vector<Sample> samples;
  std::vector<Verdict> verdicts;
  bool held() const;
};

/// In the metric's unit; nothing when it was not measured.
std::optional<double> measure(const Report& report, Metric metric);

class Recorder {
 public:
  /// `start`: of the scenario.
  Recorder(const Scenario& scenario, Time start) : scenario_(scenario), start_(start) {}

  /// When next_reading() says so, and at the end.
  void record(const Reading& reading);
  /// Once a second, and when the measurement begins; `last`: when the last one was to be.
  Time next_reading(Time last) const;
  /// Sample of the last two readings; nothing before the second one.
  const Sample* newest() const { return samples_.empty() ? nullptr : &samples_.back(); }
  Time measurement_start() const { return start_ + scenario_.ramp + scenario_.settle; }
  /// The end of the test, with how the joins went.
  Report finish(const Joins& joins, std::string server) const;

 private:
  Scenario scenario_;
  Time start_;
  std::optional<Reading> first_;
  std::optional<Reading> at_measurement_;
  std::optional<Reading> last_;
  std::vector<Sample> samples_;
};

/// "1.25 s", "0.4 %", "12", "2.31 µs", "48 kB".
std::string format(double value, Unit unit);

/// One line for a terminal, while it runs.
std::string write_progress(const Sample& sample);
/// A table in plain words, with a line for each threshold.
std::string write_table(const Report& report);
std::string write_json(const Report& report);
/// One self-contained page with plots over time.
std::string write_html(const Report& report);

}  // namespace parley::loadtest
