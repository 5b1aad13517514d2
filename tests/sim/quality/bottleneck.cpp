#include "tests/sim/quality/bottleneck.hpp"

#include <algorithm>

namespace parley::quality {

namespace {

/// Even a short queue at a low rate takes two packets.
constexpr std::size_t smallest_queue = 3000;

}  // namespace

Bottleneck::Bottleneck(const BottleneckSettings& settings, Time begin, Random random)
    : settings_(settings), begin_(begin), link_({}, std::move(random)), refilled_(begin) {
  tokens_ = static_cast<double>(settings.policer.value_or(0));
  become(settings_.steps.at(next_step_++));
}

void Bottleneck::receive(Time now, const Packet& packet) {
  if (settings_.policer && !police(now, packet.bytes)) return;
  link_.receive(now, {}, write(packet));
}

void Bottleneck::advance(Time now, std::vector<Packet>& out) {
  while (next_step_ < settings_.steps.size() && begin_ + settings_.steps[next_step_].at <= now)
    become(settings_.steps[next_step_++]);
  arrived_.clear();
  link_.advance(now, arrived_);
  for (const auto& entry : arrived_.entries()) out.push_back(parse(entry.bytes()));
}

Time Bottleneck::wakeup() const {
  const Time step = next_step_ < settings_.steps.size() ? begin_ + settings_.steps[next_step_].at : never;
  return std::min(step, link_.wakeup());
}

bool Bottleneck::police(Time now, std::size_t bytes) {
  const double earned = static_cast<double>((now - refilled_).count()) / 1e9 * static_cast<double>(step_.bits_per_second) / 8;
  refilled_ = now;
  tokens_ = std::min(tokens_ + earned, static_cast<double>(*settings_.policer));
  if (tokens_ < static_cast<double>(bytes)) return false;
  tokens_ -= static_cast<double>(bytes);
  return true;
}

void Bottleneck::become(const Step& step) {
  step_ = step;
  loadtest::Conditions conditions{.loss = settings_.loss, .partitioned = step.partitioned};
  if (!settings_.policer) {
    const double queue = static_cast<double>(settings_.queue.count()) / 1e9 * static_cast<double>(step.bits_per_second) / 8;
    conditions.bits_per_second = step.bits_per_second;
    conditions.queue_bytes = std::max(static_cast<std::size_t>(queue), smallest_queue);
  }
  link_.set_conditions(conditions);
}

}  // namespace parley::quality
