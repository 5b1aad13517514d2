// The report for a program. Units stand in the names; a value that was not measured is null.

#include <nlohmann/json.hpp>

#include "loadtest/report.hpp"

namespace parley::loadtest {

using nlohmann::ordered_json;

namespace {

double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

template <typename Value>
ordered_json or_null(const std::optional<Value>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json to_json(const Histogram& microseconds_of) {
  if (microseconds_of.count() == 0) return nullptr;
  return {{"count", microseconds_of.count()},      {"mean", microseconds_of.mean()},
          {"p50", microseconds_of.quantile(0.5)},  {"p95", microseconds_of.quantile(0.95)},
          {"p99", microseconds_of.quantile(0.99)}, {"p999", microseconds_of.quantile(0.999)},
          {"largest", microseconds_of.largest()}};
}

ordered_json to_json(const Attendance& attendance) {
  return {{"planned", attendance.planned},
          {"joining", attendance.joining},
          {"connected", attendance.connected},
          {"failed", attendance.failed},
          {"left", attendance.left}};
}

ordered_json to_json(const Quality& received) {
  return {{"packets", received.packets},
          {"octets", received.octets},
          {"missing", received.missing},
          {"repaired", received.repaired},
          {"verified", received.verified},
          {"damaged", received.damaged},
          {"misplaced", received.misplaced},
          {"frames", received.frames},
          {"keyframes", received.keyframes},
          {"freezes", received.freezes},
          {"frozen_seconds", in_seconds(received.frozen)}};
}

ordered_json to_json(const DataQuality& data) {
  auto result = ordered_json::object();
  for (std::size_t i = 0; i < data_modes; ++i) {
    const DataCounts& counts = data.modes[i];
    if (counts.sent + counts.received == 0) continue;
    result[std::string(data_mode_names[i])] = {
        {"sent", counts.sent}, {"received", counts.received}, {"octets", counts.octets},
        {"lost", counts.lost}, {"repeated", counts.repeated}, {"misplaced", counts.misplaced},
        {"left", counts.left}, {"refused", counts.refused},   {"delay_us", to_json(counts.delay)}};
  }
  return result;
}

ordered_json to_json(const Sample& sample) {
  return {{"seconds", in_seconds(sample.at)},
          {"connected", sample.attendance.connected},
          {"failed", sample.attendance.failed},
          {"packets_per_second", sample.packets_per_second},
          {"bits_per_second", sample.bits_per_second},
          {"loss", sample.loss},
          {"delay_p50_seconds", in_seconds(sample.delay_p50)},
          {"delay_p99_seconds", in_seconds(sample.delay_p99)},
          {"own_cores", sample.own_cores},
          {"server_cores", or_null(sample.server_cores)},
          {"server_memory_bytes", or_null(sample.server_memory)}};
}

ordered_json to_json(const Verdict& verdict) {
  const MetricInfo& info = metrics()[static_cast<std::size_t>(verdict.threshold.metric)];
  return {{"metric", info.name},
          {"limit", verdict.threshold.limit},
          {"measured", or_null(verdict.measured)},
          {"held", verdict.held()}};
}

ordered_json measurement(const Report& report) {
  ordered_json result{{"seconds", in_seconds(report.measured)},
                      {"packets", report.packets},
                      {"octets", report.octets},
                      {"delay_us", to_json(report.delay)},
                      {"data", to_json(report.data)}};
  result["server_cpu_seconds"] = report.server_cpu ? ordered_json(in_seconds(*report.server_cpu)) : nullptr;
  for (const MetricInfo& info : metrics()) result["metrics"][std::string(info.name)] = or_null(measure(report, info.metric));
  return result;
}

}  // namespace

std::string write_json(const Report& report) {
  ordered_json result{{"scenario", report.scenario},
                      {"server", report.server},
                      {"held", report.held()},
                      {"seconds", in_seconds(report.length)},
                      {"peers", to_json(report.attendance)},
                      {"failures", report.joins.failures},
                      {"until_connected_us", to_json(report.joins.until_connected)},
                      {"until_first_frame_us", to_json(report.joins.until_first_frame)},
                      {"viewers", report.viewers},
                      {"subscriptions", report.totals.subscriptions},
                      {"packets_sent", report.totals.sent},
                      {"received", to_json(report.totals.received)},
                      {"measurement", measurement(report)}};
  result["refused"] = ordered_json::object();
  for (std::size_t i = 0; i < static_cast<std::size_t>(DropReason::count_); ++i) {
    const auto reason = static_cast<DropReason>(i);
    if (report.drops[reason] > 0) result["refused"][std::string(name(reason))] = report.drops[reason];
  }
  result["memory_bytes"] = {{"before", or_null(report.memory_before)}, {"at_load", or_null(report.memory_at_load)}};
  result["thresholds"] = ordered_json::array();
  for (const Verdict& verdict : report.verdicts) result["thresholds"].push_back(to_json(verdict));
  result["samples"] = ordered_json::array();
  for (const Sample& sample : report.samples) result["samples"].push_back(to_json(sample));
  return result.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace parley::loadtest
