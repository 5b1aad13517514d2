// The report for a person who looks at a terminal.

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "loadtest/report.hpp"

namespace parley::loadtest {
namespace {

__attribute__((format(printf, 1, 2))) std::string print(const char* format, ...) {
  std::array<char, 256> text;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  return text.data();
}

std::string scaled(double value, const char* unit) {
  for (const char* prefix : {"", "k", "M", "G"}) {
    if (value < 1000 || *prefix == 'G') return print(value < 10 && *prefix ? "%.1f %s%s" : "%.0f %s%s", value, prefix, unit);
    value /= 1000;
  }
  return {};
}

std::string seconds_text(double value) {
  if (value >= 1) return print("%.2f s", value);
  if (value >= 1e-3) return print(value >= 0.1 ? "%.0f ms" : "%.1f ms", value * 1e3);
  return print("%.0f µs", value * 1e6);
}

std::string quantiles(const Histogram& microseconds_of) {
  if (microseconds_of.count() == 0) return "nothing measured";
  const auto at = [&](double share) { return seconds_text(static_cast<double>(microseconds_of.quantile(share)) * 1e-6); };
  return "p50 " + at(0.5) + ", p95 " + at(0.95) + ", p99 " + at(0.99) + ", p99.9 " + at(0.999) + ", longest " +
         seconds_text(static_cast<double>(microseconds_of.largest()) * 1e-6);
}

std::string line(const std::string& name, const std::string& value) { return print("  %-22s", name.c_str()) + value + "\n"; }

std::string people_lines(const Report& report) {
  const Attendance& attendance = report.attendance;
  std::string text = line("Peers", print("%u planned, %u connected, %u failed, %u left, %u still joining", attendance.planned,
                                         attendance.connected, attendance.failed, attendance.left, attendance.joining));
  for (const auto& [reason, count] : report.joins.failures) text += line("", print("%u: ", count) + reason);
  text += line("Until connected", quantiles(report.joins.until_connected));
  return text + line("Until the first frame", quantiles(report.joins.until_first_frame));
}

std::string drops_text(const Drops& drops) {
  std::string text;
  for (std::size_t i = 0; i < static_cast<std::size_t>(DropReason::count_); ++i) {
    const auto reason = static_cast<DropReason>(i);
    if (drops[reason] > 0) text += (text.empty() ? "" : ", ") + std::string(name(reason)) + ' ' + std::to_string(drops[reason]);
  }
  return text;
}

std::string media_lines(const Report& report) {
  const Quality& received = report.totals.received;
  const double span = std::max(std::chrono::duration<double>(report.measured).count(), 1e-6);
  std::string text =
      line("Packets received", scaled(static_cast<double>(report.packets) / span, "packets/s") + ", " +
                                   scaled(8 * static_cast<double>(report.octets) / span, "bit/s") +
                                   print(", %llu subscriptions", static_cast<unsigned long long>(report.totals.subscriptions)));
  text += line("Lost",
               format(measure(report, Metric::loss).value_or(0), Unit::share) +
                   print(" (%llu packets never arrived, %llu were repaired)", static_cast<unsigned long long>(received.missing),
                         static_cast<unsigned long long>(received.repaired)));
  text += line("Delay", quantiles(report.delay));
  text += line("Frames shown", print("%llu, with %llu freezes", static_cast<unsigned long long>(received.frames),
                                     static_cast<unsigned long long>(received.freezes)));
  if (const std::string reasons = drops_text(report.drops); !reasons.empty()) text += line("Refused", reasons);
  return text + line("Content",
                     print("%llu packets looked into: %llu damaged, %llu in the wrong place",
                           static_cast<unsigned long long>(received.verified), static_cast<unsigned long long>(received.damaged),
                           static_cast<unsigned long long>(received.misplaced)));
}

std::string data_lines(const Report& report) {
  std::string text;
  const double span = std::max(std::chrono::duration<double>(report.measured).count(), 1e-6);
  for (std::size_t i = 0; i < data_modes; ++i) {
    const DataCounts& counts = report.data.modes[i];
    if (counts.sent + counts.received == 0) continue;
    text += line("Data, " + std::string(data_mode_names[i]),
                 scaled(static_cast<double>(counts.sent) / span, "messages/s") + " sent, " +
                     scaled(static_cast<double>(counts.received) / span, "messages/s") + ", " +
                     scaled(8 * static_cast<double>(counts.octets) / span, "bit/s") + " received");
    text += line("", print("%llu lost, %llu repeated, %llu out of order; %llu times left, %llu refused",
                           static_cast<unsigned long long>(counts.lost), static_cast<unsigned long long>(counts.repeated),
                           static_cast<unsigned long long>(counts.misplaced), static_cast<unsigned long long>(counts.left),
                           static_cast<unsigned long long>(counts.refused)));
    text += line("", "delay " + quantiles(counts.delay));
  }
  return text;
}

std::string server_lines(const Report& report) {
  if (!report.server_cpu) return line("Server", "not watched (see --serve and --watch)");
  const double span = std::max(std::chrono::duration<double>(report.measured).count(), 1e-6);
  std::string text =
      line("Server CPU", print("%.1f %% of a core", 100 * std::chrono::duration<double>(*report.server_cpu).count() / span));
  if (const auto cost = measure(report, Metric::cpu_us_per_copy))
    text += line("", format(*cost, Unit::microseconds) + " for each packet that arrived");
  if (report.memory_before && report.memory_at_load)
    text += line("Server memory", scaled(static_cast<double>(*report.memory_before), "B") + " before, " +
                                      scaled(static_cast<double>(*report.memory_at_load), "B") + " at load");
  if (const auto each = measure(report, Metric::memory_per_subscriber))
    text += line("", format(*each, Unit::bytes) + " for each viewer");
  return text;
}

/// A load tester that is busy all the time measures itself: then its peers belong on more machines, or their packets unverified.
std::string own_line(const Report& report) {
  double busiest = 0, sum = 0;
  for (const Sample& sample : report.samples) {
    busiest = std::max(busiest, sample.own_cores);
    sum += sample.own_cores;
  }
  const double mean = report.samples.empty() ? 0 : sum / static_cast<double>(report.samples.size());
  return line("Load tester CPU", print("%.0f %% of a core, %.0f %% in its busiest second%s", 100 * mean, 100 * busiest,
                                       busiest > 0.9 ? ": it may have been the bottleneck" : ""));
}

std::string verdict_lines(const Report& report) {
  std::string text;
  for (const Verdict& verdict : report.verdicts) {
    const MetricInfo& info = metrics()[static_cast<std::size_t>(verdict.threshold.metric)];
    const std::string measured =
        verdict.measured ? "measured " + format(*verdict.measured, info.unit) : "but it could not be measured";
    text += std::string(verdict.held() ? "  held    " : "  MISSED  ") + std::string(info.words) + ": wanted at most " +
            format(verdict.threshold.limit, info.unit) + ", " + measured + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string format(double value, Unit unit) {
  switch (unit) {
    case Unit::seconds:
      return seconds_text(value);
    case Unit::share:
      return print(value > 0 && value < 0.001 ? "%.4f %%" : "%.2f %%", value * 100);
    case Unit::number:
      return print("%.0f", value);
    case Unit::microseconds:
      return print("%.2f µs", value);
    case Unit::bytes:
      return scaled(value, "B");
  }
  return {};
}

std::string write_progress(const Sample& sample) {
  const Attendance& attendance = sample.attendance;
  const double at = std::chrono::duration<double>(sample.at).count();
  std::string text =
      print("%4.0f s  %u of %u connected, %u failed, ", at, attendance.connected, attendance.planned, attendance.failed) +
      scaled(sample.packets_per_second, "packets/s") + ", loss " + format(sample.loss, Unit::share) + ", delay p99 " +
      seconds_text(std::chrono::duration<double>(sample.delay_p99).count());
  if (sample.server_cores) text += print(", server CPU %.0f %%", 100 * *sample.server_cores);
  return text;
}

std::string write_table(const Report& report) {
  const auto span = [](Duration duration) { return seconds_text(std::chrono::duration<double>(duration).count()); };
  std::string text = report.scenario + " (" + report.server + "): " + span(report.length) + ", of which measured " +
                     span(report.measured) + "\n\n";
  const std::string costs = report.in_virtual_time ? "" : server_lines(report) + own_line(report);
  return text + people_lines(report) + media_lines(report) + data_lines(report) + costs + verdict_lines(report);
}

}  // namespace parley::loadtest
