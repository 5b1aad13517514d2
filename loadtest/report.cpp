#include "loadtest/report.hpp"

#include <algorithm>
#include <cstdio>

namespace parley::loadtest {
namespace {

constexpr Duration sample_interval = seconds(1);

double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
Duration from_microseconds(std::uint64_t value) { return microseconds(static_cast<std::int64_t>(value)); }
/// Counters only grow, but what is missing may still be repaired.
std::uint64_t grown(std::uint64_t before, std::uint64_t after) { return after > before ? after - before : 0; }

double share(std::uint64_t part, std::uint64_t rest) {
  return part == 0 ? 0 : static_cast<double>(part) / static_cast<double>(part + rest);
}

Sample sample_between(const Reading& before, const Reading& after, Time start) {
  const Quality& old = before.totals.received;
  const Quality& now = after.totals.received;
  const double span = std::max(in_seconds(after.now - before.now), 1e-6);
  const Histogram delay = now.delay.since(old.delay);
  Sample sample;
  sample.at = after.now - start;
  sample.attendance = after.attendance;
  sample.packets_per_second = static_cast<double>(grown(old.packets, now.packets)) / span;
  sample.bits_per_second = 8 * static_cast<double>(grown(old.octets, now.octets)) / span;
  sample.loss = share(grown(old.missing, now.missing), grown(old.packets, now.packets));
  sample.delay_p50 = from_microseconds(delay.quantile(0.5));
  sample.delay_p99 = from_microseconds(delay.quantile(0.99));
  sample.own_cores = in_seconds(after.own_cpu - before.own_cpu) / span;
  if (before.server && after.server) sample.server_cores = in_seconds(after.server->cpu - before.server->cpu) / span;
  if (after.server) sample.server_memory = after.server->memory;
  return sample;
}

std::optional<double> quantile_seconds(const Histogram& histogram, double share_of_all) {
  if (histogram.count() == 0) return std::nullopt;
  return static_cast<double>(histogram.quantile(share_of_all)) * 1e-6;
}

std::optional<double> memory_per_viewer(const Report& report) {
  if (!report.memory_before || !report.memory_at_load || report.viewers == 0) return std::nullopt;
  return static_cast<double>(grown(*report.memory_before, *report.memory_at_load)) / report.viewers;
}

std::optional<double> cpu_per_copy(const Report& report) {
  if (!report.server_cpu || report.packets == 0) return std::nullopt;
  return in_seconds(*report.server_cpu) * 1e6 / static_cast<double>(report.packets);
}

std::optional<double> reliable_messages_lost(const DataQuality& data) {
  const auto& all = data[DataMode::all];
  const auto& wait = data[DataMode::wait];
  if (all.received + wait.received == 0) return std::nullopt;
  return static_cast<double>(all.lost + all.repeated + all.misplaced + wait.lost + wait.repeated + wait.misplaced);
}

/// Of the messages that nobody holds back on purpose.
Histogram prompt_delay(const DataQuality& data) {
  Histogram delay = data[DataMode::all].delay;
  return delay += data[DataMode::lossy].delay;
}

}  // namespace

std::optional<double> measure(const Report& report, Metric metric) {
  const Quality& received = report.totals.received;
  switch (metric) {
    case Metric::join_p95:
      return quantile_seconds(report.joins.until_connected, 0.95);
    case Metric::first_frame_p95:
      return quantile_seconds(report.joins.until_first_frame, 0.95);
    case Metric::freezes:
      return static_cast<double>(received.freezes);
    case Metric::loss:
      if (received.packets == 0) return std::nullopt;
      return share(received.missing, received.packets);
    case Metric::delay_p99:
      return quantile_seconds(report.delay, 0.99);
    case Metric::cpu_us_per_copy:
      return cpu_per_copy(report);
    case Metric::failed:
      return report.attendance.failed;
    case Metric::memory_per_subscriber:
      return memory_per_viewer(report);
    case Metric::damaged:
      if (received.verified == 0) return std::nullopt;
      return static_cast<double>(received.damaged + received.misplaced);
    case Metric::data_lost:
      return reliable_messages_lost(report.totals.data);
    case Metric::data_delay_p99:
      return quantile_seconds(prompt_delay(report.data), 0.99);
    case Metric::count_:
      break;
  }
  return std::nullopt;
}

bool Report::held() const {
  return std::ranges::all_of(verdicts, [](const Verdict& verdict) { return verdict.held(); });
}

void Recorder::record(const Reading& reading) {
  if (!first_) first_ = reading;
  if (last_ && reading.now > last_->now) samples_.push_back(sample_between(*last_, reading, start_));
  if (!at_measurement_ && reading.now >= measurement_start()) at_measurement_ = reading;
  last_ = reading;
}

Time Recorder::next_reading(Time last) const {
  const Time next = last + sample_interval;
  return last < measurement_start() ? std::min(next, measurement_start()) : next;
}

Report Recorder::finish(const Joins& joins, std::string server) const {
  Report report;
  report.scenario = scenario_.name;
  report.server = std::move(server);
  report.joins = joins;
  report.samples = samples_;
  if (first_ && last_) {
    report.length = last_->now - start_;
    report.attendance = last_->attendance;
    report.totals = last_->totals;
    report.viewers = last_->totals.viewers;
    if (first_->server) report.memory_before = first_->server->memory;
    if (last_->server) report.memory_at_load = last_->server->memory;
  }
  if (at_measurement_) {
    const Quality& before = at_measurement_->totals.received;
    report.measured = last_->now - at_measurement_->now;
    report.packets = grown(before.packets, last_->totals.received.packets);
    report.octets = grown(before.octets, last_->totals.received.octets);
    report.delay = last_->totals.received.delay.since(before.delay);
    report.data = last_->totals.data.since(at_measurement_->totals.data);
    if (at_measurement_->server && last_->server) report.server_cpu = last_->server->cpu - at_measurement_->server->cpu;
  }
  for (const Threshold& threshold : scenario_.thresholds)
    report.verdicts.push_back({threshold, measure(report, threshold.metric)});
  return report;
}

}  // namespace parley::loadtest
