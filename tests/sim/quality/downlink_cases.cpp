// What an SFU needs beyond RFC 8867, on the way down to one subscriber, as far as the estimator alone can show it.

#include "tests/sim/quality/cases.hpp"
#include "tests/sim/quality/measure.hpp"

namespace parley::quality {

namespace {

constexpr std::uint64_t megabit = 1'000'000;

Experiment play(const ExperimentSettings& settings, std::uint64_t seed) {
  Experiment experiment(settings, seed);
  experiment.run();
  return experiment;
}

/// 4 -> 0.4 -> 4 Mbit/s under three simulcast layers.
Outcome step(std::uint64_t seed) {
  constexpr Duration down = seconds(20);
  constexpr Duration up = seconds(40);
  ExperimentSettings settings{.duration = seconds(60), .flows = {{.source = {.layers = {150'000, 500'000, 2'500'000}}}}};
  settings.forward.steps = {{seconds(0), 4 * megabit}, {down, 400'000}, {up, 4 * megabit}};
  const Experiment experiment = play(settings, seed);
  const FlowRecord& flow = experiment.flows().front();
  const auto top = [](const Sample& sample) { return sample.layer == 3; };
  int switches = 0;
  for (std::size_t i = 1; i < flow.samples.size(); ++i) switches += flow.samples[i].layer != flow.samples[i - 1].layer;
  return {.figures = {at_most("top layer after the start", 10, time_until(flow, {}, top), "s"),
                      at_most("down to the layer that fits", 0.8,
                              time_until(flow, down, [](const Sample& sample) { return sample.layer == 1; }), "s"),
                      at_most("back up to the top layer", 3, time_until(flow, up, top), "s"),
                      at_most("loss after the first second at 0.4 Mbit/s", 2, loss(flow, {down + seconds(1), up}), "%"),
                      at_most("changes of the layer", 8, switches, "")},
          .recording = record(experiment)};
}

Outcome outage(std::uint64_t seed) {
  constexpr Duration at = seconds(20);
  constexpr std::uint64_t capacity = 2 * megabit;
  ExperimentSettings settings{.duration = seconds(40), .flows = {{}}};
  settings.forward.steps = {{seconds(0), capacity}, {at, capacity, true}, {at + milliseconds(200), capacity}};
  settings.backward.steps = {{seconds(0), 0}, {at, 0, true}, {at + milliseconds(200), 0}};
  const Experiment experiment = play(settings, seed);
  const FlowRecord& flow = experiment.flows().front();
  const double before = mean_rate(flow, {at - seconds(5), at});
  double lowest = before;
  for (std::size_t i = 200; i < 250; ++i) lowest = std::min(lowest, static_cast<double>(flow.samples[i].estimate));
  return {.figures = {at_least("lowest estimate in the five seconds after, of the rate before", 50, 100 * lowest / before, "%"),
                      at_least("rate from 3 s after on, of the one before", 85,
                               100 * mean_rate(flow, {at + seconds(3), at + seconds(13)}) / before, "%")},
          .recording = record(experiment)};
}

Outcome lost_feedback(std::uint64_t seed) {
  ExperimentSettings settings{.duration = seconds(60), .backward = {.loss = 0.1}, .flows = {{}}};
  settings.forward.steps = {{seconds(0), 1'200'000}};
  const Experiment experiment = play(settings, seed);
  return {.figures = {at_least("use of the capacity", 80, use(experiment.flows()[0], megabit * 3 / 2), "%"),
                      at_most("queue, 95th percentile", 100, queue_percentile(experiment.flows(), 95), "ms")},
          .recording = record(experiment)};
}

Outcome policer(std::uint64_t seed) {
  ExperimentSettings settings{.duration = seconds(90), .flows = {{}}};
  settings.forward = {.steps = {{seconds(0), megabit}}, .policer = 15'000};
  const Experiment experiment = play(settings, seed);
  const FlowRecord& flow = experiment.flows().front();
  return {.figures = {at_most("loss after 10 s", 2, loss(flow, {seconds(10), seconds(90)}), "%"),
                      at_least("use of the capacity after 10 s", 80, use(flow, megabit, {seconds(10), seconds(90)}), "%")},
          .recording = record(experiment)};
}

/// The receiver's clock runs wrong by 200 ppm and its 24-bit reference time wraps after a minute; 65536 sequence numbers go by.
Outcome clocks(std::uint64_t seed, double drift) {
  constexpr Duration period = rtp::feedback_reference_tick * (1 << 24);
  ExperimentSettings settings{.duration = seconds(180), .flows = {{.drift = drift, .receiver_clock = period - seconds(60)}}};
  settings.flows[0].source = {.minimum = 150'000, .maximum = 6 * megabit};
  settings.forward.steps = {{seconds(0), 5 * megabit}};
  const Experiment experiment = play(settings, seed);
  const FlowRecord& flow = experiment.flows().front();
  return {.figures = {at_least("packets", 65536, static_cast<double>(flow.packets_sent), ""),
                      at_least("use of the capacity after 30 s", 85, use(flow, 6 * megabit, {seconds(30), seconds(180)}), "%"),
                      at_most("queue, 95th percentile", 100, queue_percentile(experiment.flows(), 95), "ms"),
                      at_most("loss after 30 s", 1, loss(flow, {seconds(30), seconds(180)}), "%")},
          .recording = record(experiment)};
}

Outcome fast_clock(std::uint64_t seed) { return clocks(seed, 200e-6); }
Outcome slow_clock(std::uint64_t seed) { return clocks(seed, -200e-6); }

}  // namespace

std::vector<Case> downlink_cases() {
  return {
      {"step", "4 -> 0.4 -> 4 Mbit/s under three simulcast layers of 0.15, 0.5 and 2.5 Mbit/s", step},
      {"outage", "Nothing passes for 200 ms, 2 Mbit/s", outage},
      {"lost-feedback", "One in ten feedback messages is lost, 1.2 Mbit/s", lost_feedback},
      {"policer", "A policer of 1 Mbit/s without a queue", policer},
      {"fast-clock", "The receiver's clock is 200 ppm fast, and every counter wraps", fast_clock},
      {"slow-clock", "The receiver's clock is 200 ppm slow, and every counter wraps", slow_clock},
  };
}

}  // namespace parley::quality
