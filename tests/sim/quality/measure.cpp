#include "tests/sim/quality/measure.hpp"

#include <algorithm>
#include <string>

namespace parley::quality {

namespace {

std::span<const Sample> within(const FlowRecord& flow, Span span) {
  const auto from = std::min(static_cast<std::size_t>(span.from / Experiment::interval), flow.samples.size());
  const auto to = std::min(static_cast<std::size_t>(span.to / Experiment::interval), flow.samples.size());
  return std::span(flow.samples).subspan(from, to - from);
}

double megabits(std::uint64_t bits) { return static_cast<double>(bits) / 1e6; }

template <typename Value>
Series series(std::string name, const FlowRecord& flow, Value value) {
  Series result{.name = std::move(name), .values = {}};
  for (const Sample& sample : flow.samples) result.values.push_back(value(sample));
  return result;
}

}  // namespace

double use(const FlowRecord& flow, std::uint64_t maximum, Span span) {
  double arrived = 0;
  double possible = 0;
  for (const Sample& sample : within(flow, span)) {
    arrived += megabits(sample.arrived);
    possible += megabits(std::min(sample.capacity, maximum));
  }
  return 100 * arrived / possible;
}

double share(std::span<const FlowRecord> flows, Span span) {
  double sum = 0;
  for (const FlowRecord& flow : flows) sum += use(flow, std::numeric_limits<std::uint64_t>::max(), span);
  return sum;
}

double mean_rate(const FlowRecord& flow, Span span) {
  const auto samples = within(flow, span);
  double arrived = 0;
  for (const Sample& sample : samples) arrived += static_cast<double>(sample.arrived);
  return samples.empty() ? 0 : arrived / static_cast<double>(samples.size());
}

double queue_percentile(std::span<const FlowRecord> flows, double percent) {
  std::vector<Duration> delays;
  for (const FlowRecord& flow : flows) delays.insert(delays.end(), flow.queue_delays.begin(), flow.queue_delays.end());
  if (delays.empty()) return 0;
  const auto place = static_cast<std::size_t>(static_cast<double>(delays.size() - 1) * percent / 100);
  std::ranges::nth_element(delays, delays.begin() + static_cast<std::ptrdiff_t>(place));
  return static_cast<double>(delays[place].count()) / 1e6;
}

double loss(const FlowRecord& flow, Span span) {
  double sent = 0;
  double arrived = 0;
  for (const Sample& sample : within(flow, span)) {
    sent += sample.packets_sent;
    arrived += sample.packets_arrived;
  }
  return sent == 0 ? 0 : std::max(0.0, 100 * (sent - arrived) / sent);
}

double fairness(std::span<const FlowRecord> flows, Span span) {
  double sum = 0;
  double squares = 0;
  for (const FlowRecord& flow : flows) {
    const double rate = mean_rate(flow, span);
    sum += rate;
    squares += rate * rate;
  }
  return squares == 0 ? 0 : sum * sum / (static_cast<double>(flows.size()) * squares);
}

Recording record(const Experiment& experiment) {
  Panel rates{.title = "Mbit/s", .series = {}};
  Panel queue{.title = "queue, ms", .series = {}};
  Panel layers{.title = "layer", .series = {}};
  const auto& flows = experiment.flows();
  rates.series.push_back(series("capacity", flows.front(), [](const Sample& sample) { return megabits(sample.capacity); }));
  for (std::size_t i = 0; i < flows.size(); ++i) {
    const std::string suffix = flows.size() == 1 ? "" : " " + std::to_string(i + 1);
    rates.series.push_back(series("estimate" + suffix, flows[i], [](const Sample& sample) { return megabits(sample.estimate); }));
    if (flows.size() == 1) {
      rates.series.push_back(series("sent", flows[i], [](const Sample& sample) { return megabits(sample.sent); }));
      layers.series.push_back(series("layer", flows[i], [](const Sample& sample) { return static_cast<double>(sample.layer); }));
    }
    queue.series.push_back(series("queue" + suffix, flows[i],
                                  [](const Sample& sample) { return static_cast<double>(sample.queue_delay.count()) / 1e6; }));
  }
  Recording recording{.panels = {rates, queue}};
  if (!layers.series.empty() && layers.series.front().values.front() > 0) recording.panels.push_back(layers);
  return recording;
}

}  // namespace parley::quality
