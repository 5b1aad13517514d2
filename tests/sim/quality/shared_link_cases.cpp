// The evaluation cases of RFC 8867 section 5: 50 ms one way, a drop-tail queue of 300 ms, sources of 0.15 to 1.5 Mbit/s.

#include "tests/sim/quality/cases.hpp"
#include "tests/sim/quality/measure.hpp"

namespace parley::quality {

namespace {

constexpr std::uint64_t megabit = 1'000'000;
constexpr std::uint64_t flow_maximum = 1'500'000;

BottleneckSettings constant(std::uint64_t bits_per_second, Duration queue = milliseconds(300)) {
  return {.steps = {{.bits_per_second = bits_per_second}}, .queue = queue};
}

Experiment play(const ExperimentSettings& settings, std::uint64_t seed) {
  Experiment experiment(settings, seed);
  experiment.run();
  return experiment;
}

/// The capacity may be more than all flows together want.
double use_together(const Experiment& experiment, Span span = {}) {
  double sum = 0;
  for (const FlowRecord& flow : experiment.flows()) sum += use(flow, flow_maximum * experiment.flows().size(), span);
  return sum;
}

Outcome varying_capacity(std::uint64_t seed) {
  ExperimentSettings settings{.duration = seconds(100), .flows = {{}}};
  settings.forward.steps = {{seconds(0), megabit}, {seconds(40), 2'500'000}, {seconds(60), 600'000}, {seconds(80), megabit}};
  const Experiment experiment = play(settings, seed);
  const auto& flows = experiment.flows();
  return {.figures = {at_least("use of the capacity", 85, use(flows[0], flow_maximum), "%"),
                      at_most("queue, 95th percentile", 100, queue_percentile(flows, 95), "ms"),
                      at_most("loss", 2, loss(flows[0]), "%")},
          .recording = record(experiment)};
}

Outcome varying_capacity_two_flows(std::uint64_t seed) {
  ExperimentSettings settings{.duration = seconds(125), .flows = {{}, {}}};
  settings.forward.steps = {{seconds(0), 4 * megabit},
                            {seconds(25), 2 * megabit},
                            {seconds(50), 3'500'000},
                            {seconds(75), megabit},
                            {seconds(100), 2 * megabit}};
  const Experiment experiment = play(settings, seed);
  return {.figures = {at_least("use of the capacity", 80, use_together(experiment), "%"),
                      at_most("queue, 95th percentile", 150, queue_percentile(experiment.flows(), 95), "ms"),
                      at_least("Jain's index", 0.9, fairness(experiment.flows(), {seconds(5), seconds(125)}), "")},
          .recording = record(experiment)};
}

Outcome congested_feedback(std::uint64_t seed) {
  ExperimentSettings settings{.duration = seconds(100), .flows = {{}, {.reversed = true}}};
  settings.forward.steps = {
      {seconds(0), 2 * megabit}, {seconds(20), megabit}, {seconds(40), 500'000}, {seconds(60), 2 * megabit}};
  settings.backward.steps = {{seconds(0), 2 * megabit}, {seconds(35), 800'000}, {seconds(70), 2 * megabit}};
  const Experiment experiment = play(settings, seed);
  const auto& flows = experiment.flows();
  return {.figures = {at_least("use of the way there", 75, use(flows[0], flow_maximum), "%"),
                      at_least("use of the way back", 75, use(flows[1], flow_maximum), "%"),
                      at_most("queue, 95th percentile", 150, queue_percentile(flows, 95), "ms")},
          .recording = record(experiment)};
}

Outcome fair_to_each_other(std::uint64_t seed) {
  const Experiment experiment = play(
      {.duration = seconds(120), .forward = constant(3'500'000), .flows = {{}, {.start = seconds(20)}, {.start = seconds(40)}}},
      seed);
  const auto& flows = experiment.flows();
  return {.figures = {at_least("Jain's index once all are there", 0.9, fairness(flows, {seconds(50), seconds(120)}), ""),
                      at_least("use once all are there", 85, share(flows, {seconds(50), seconds(120)}), "%"),
                      at_most("queue, 95th percentile", 150, queue_percentile(flows, 95), "ms")},
          .recording = record(experiment)};
}

Outcome fair_to_far_ones(std::uint64_t seed) {
  ExperimentSettings settings{.duration = seconds(300), .forward = constant(4 * megabit)};
  for (const int one_way : {10, 25, 50, 100, 150}) {
    const Duration start = seconds(10) * static_cast<int>(settings.flows.size());
    settings.flows.push_back({.start = start, .one_way = milliseconds(one_way)});
  }
  const Experiment experiment = play(settings, seed);
  const auto& flows = experiment.flows();
  return {.figures = {at_least("Jain's index once all are there", 0.8, fairness(flows, {seconds(60), seconds(300)}), ""),
                      at_least("use once all are there", 85, share(flows, {seconds(60), seconds(300)}), "%"),
                      at_most("queue, 95th percentile", 200, queue_percentile(flows, 95), "ms")},
          .recording = record(experiment)};
}

Outcome beside_long_tcp(std::uint64_t seed, Duration queue) {
  const Experiment experiment = play(
      {.duration = seconds(120), .forward = constant(2 * megabit, queue), .flows = {{}}, .tcps = {{.start = seconds(5)}}}, seed);
  return {
      .figures = {between("share of the link beside TCP", 25, 65, share(experiment.flows(), {seconds(20), seconds(120)}), "%")},
      .recording = record(experiment)};
}

Outcome beside_long_tcp_short_queue(std::uint64_t seed) { return beside_long_tcp(seed, milliseconds(300)); }
Outcome beside_long_tcp_long_queue(std::uint64_t seed) { return beside_long_tcp(seed, milliseconds(1000)); }

Outcome beside_short_tcps(std::uint64_t seed) {
  ExperimentSettings settings{.duration = seconds(300), .forward = constant(2 * megabit), .flows = {{}, {}}};
  for (int i = 0; i < 10; ++i) settings.tcps.push_back({.start = seconds(i), .transfer_bytes = std::pair(30'000, 50'000)});
  const Experiment experiment = play(settings, seed);
  return {
      .figures = {at_least("share of the link beside the TCPs", 30, share(experiment.flows(), {seconds(10), seconds(300)}), "%"),
                  at_least("Jain's index", 0.9, fairness(experiment.flows(), {seconds(10), seconds(300)}), ""),
                  at_most("queue, 95th percentile", 300, queue_percentile(experiment.flows(), 95), "ms")},
      .recording = record(experiment)};
}

Outcome pause_and_resume(std::uint64_t seed) {
  const Experiment experiment = play({.duration = seconds(120),
                                      .forward = constant(3'500'000),
                                      .flows = {{}, {}, {.pause = seconds(40), .resume = seconds(60)}}},
                                     seed);
  const auto& flows = experiment.flows();
  const double back = time_until(flows[2], seconds(60), [](const Sample& sample) { return sample.arrived >= 800'000; });
  return {
      .figures = {at_least("Jain's index before the pause", 0.9, fairness(flows, {seconds(10), seconds(40)}), ""),
                  at_least("Jain's index after it", 0.9, fairness(flows, {seconds(75), seconds(120)}), ""),
                  at_most("back at 70 % of its share after", 15, back, "s"), at_least("use", 80, use_together(experiment), "%"),
                  at_most("queue, 95th percentile", 150, queue_percentile(flows, 95), "ms")},
      .recording = record(experiment)};
}

}  // namespace

std::vector<Case> shared_link_cases() {
  return {
      {"5.1", "Varying capacity, one flow: 1.0, 2.5, 0.6, 1.0 Mbit/s", varying_capacity},
      {"5.2", "Varying capacity, two flows: 4, 2, 3.5, 1, 2 Mbit/s", varying_capacity_two_flows},
      {"5.3", "Congested feedback: a flow each way, capacities vary both ways", congested_feedback},
      {"5.4", "Fairness: three flows that start 20 s apart, 3.5 Mbit/s", fair_to_each_other},
      {"5.5", "Round-trip fairness: five flows of 10 to 150 ms one way, 4 Mbit/s", fair_to_far_ones},
      {"5.6", "Beside a long TCP, queue of 300 ms, 2 Mbit/s", beside_long_tcp_short_queue},
      {"5.6-long-queue", "Beside a long TCP, queue of 1000 ms, 2 Mbit/s", beside_long_tcp_long_queue},
      {"5.7", "Two flows beside ten short TCPs, 2 Mbit/s", beside_short_tcps},
      {"5.8", "Pause and resume: one of three flows rests for 20 s, 3.5 Mbit/s", pause_and_resume},
  };
}

}  // namespace parley::quality
