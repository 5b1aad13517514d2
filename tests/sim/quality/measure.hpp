#pragma once
// Figures from what an Experiment recorded. Times are from the beginning of the experiment.

#include <cstdint>
#include <optional>
#include <span>

#include "tests/sim/quality/case.hpp"
#include "tests/sim/quality/experiment.hpp"

namespace parley::quality {

struct Span {
  Duration from{};
  Duration to = hours(1);
};

/// What arrived, in per cent of what could have: the capacity, and no more than `maximum` (bits per second).
double use(const FlowRecord& flow, std::uint64_t maximum, Span span = {});
/// What arrived of all flows together, in per cent of the capacity.
double share(std::span<const FlowRecord> flows, Span span = {});
/// Bits per second.
double mean_rate(const FlowRecord& flow, Span span);
/// Milliseconds; of all packets of the flows that arrived.
double queue_percentile(std::span<const FlowRecord> flows, double percent);
/// In per cent of all packets that were sent by then.
double loss(const FlowRecord& flow, Span span = {});
/// Jain's index of the mean rates: 1 when all are equal.
double fairness(std::span<const FlowRecord> flows, Span span);
/// Seconds from `from` until the condition holds for the first time; a large number when it never does.
template <typename Condition>
double time_until(const FlowRecord& flow, Duration from, Condition condition) {
  for (std::size_t i = static_cast<std::size_t>(from / Experiment::interval); i < flow.samples.size(); ++i)
    if (condition(flow.samples[i])) return static_cast<double>((Experiment::interval * (i + 1) - from).count()) / 1e9;
  return 1e6;
}

/// Capacity, estimates, what was sent; the queue; and layers, where there are any.
Recording record(const Experiment& experiment);

}  // namespace parley::quality
