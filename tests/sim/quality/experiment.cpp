#include "tests/sim/quality/experiment.hpp"

#include <algorithm>
#include <utility>

namespace parley::quality {

namespace {

/// Any time will do that is not the zero of the clock.
constexpr Time beginning{std::chrono::hours(24)};

constexpr std::uint64_t per_second = 10;  // intervals

}  // namespace

Experiment::Experiment(const ExperimentSettings& settings, std::uint64_t seed)
    : settings_(settings),
      begin_(beginning),
      now_(beginning),
      forward_(settings.forward, beginning, Random::from_number(seed * 1000 + 1)),
      backward_(settings.backward, beginning, Random::from_number(seed * 1000 + 2)),
      records_(settings.flows.size()),
      open_(settings.flows.size()),
      next_sample_(beginning + interval) {
  std::uint8_t index = 0;
  for (const FlowSettings& flow : settings.flows) {
    flows_.emplace_back(flow, index, begin_, Random::from_number(seed * 1000 + 10 + index));
    ++index;
  }
  for (const TcpSettings& tcp : settings.tcps) {
    tcps_.emplace_back(tcp, index, begin_, Random::from_number(seed * 1000 + 10 + index));
    ++index;
  }
}

void Experiment::run() {
  const Time end = begin_ + settings_.duration;
  while (true) {
    now_ = std::max(now_, next_event());
    if (now_ > end) return;
    step();
  }
}

Time Experiment::next_event() const {
  Time next = std::min({next_sample_, forward_.wakeup(), backward_.wakeup()});
  if (!on_the_way_.empty()) next = std::min(next, on_the_way_.begin()->first.first);
  for (const Flow& flow : flows_) next = std::min(next, flow.wakeup());
  for (const Tcp& tcp : tcps_) next = std::min(next, tcp.wakeup());
  return next;
}

void Experiment::step() {
  if (now_ >= next_sample_) sample();
  scratch_.clear();
  forward_.advance(now_, scratch_);
  backward_.advance(now_, scratch_);
  for (Packet& packet : scratch_) on_the_way_.emplace(std::pair(now_ + one_way(packet.flow), order_++), std::move(packet));
  while (!on_the_way_.empty() && on_the_way_.begin()->first.first <= now_) {
    const Packet packet = std::move(on_the_way_.begin()->second);
    on_the_way_.erase(on_the_way_.begin());
    deliver(packet);
  }
  advance_ends();
}

void Experiment::advance_ends() {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    const bool reversed = flows_[i].settings().reversed;
    scratch_.clear();
    flows_[i].advance_sender(now_, scratch_);
    for (const Packet& packet : scratch_) {
      open_[i].sent += packet.bytes * 8 * per_second;
      ++open_[i].packets_sent;
      ++records_[i].packets_sent;
      (reversed ? backward_ : forward_).receive(now_, packet);
    }
    scratch_.clear();
    flows_[i].advance_receiver(now_, scratch_);
    for (const Packet& packet : scratch_) (reversed ? forward_ : backward_).receive(now_, packet);
  }
  scratch_.clear();
  for (Tcp& tcp : tcps_) tcp.advance(now_, scratch_);
  for (const Packet& packet : scratch_) forward_.receive(now_, packet);
}

void Experiment::deliver(const Packet& packet) {
  switch (packet.kind) {
    case Kind::media:
      return deliver_media(flows_[packet.flow], records_[packet.flow], packet);
    case Kind::feedback:
      return flows_[packet.flow].receive_feedback(now_, packet);
    case Kind::tcp:
      tcp_open_ += packet.bytes * 8 * per_second;
      return backward_.receive(now_, {.flow = packet.flow,
                                      .kind = Kind::acknowledgement,
                                      .number = packet.number,
                                      .sent = now_,
                                      .bytes = Tcp::acknowledgement_bytes,
                                      .body = {}});
    case Kind::acknowledgement:
      return tcps_[packet.flow - flows_.size()].receive_acknowledgement(now_, packet.number);
  }
}

void Experiment::deliver_media(Flow& flow, FlowRecord& record, const Packet& packet) {
  Sample& sample = open_[packet.flow];
  const Duration delay = flow.queue_delay(now_, packet);
  sample.arrived += packet.bytes * 8 * per_second;
  sample.queue_delay = std::max(sample.queue_delay, delay);
  record.queue_delays.push_back(delay);
  ++sample.packets_arrived;
  ++record.packets_arrived;
  flow.receive_media(now_, packet);
}

void Experiment::sample() {
  next_sample_ += interval;
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    const auto& estimator = flows_[i].estimator();
    Sample& sample = open_[i];
    sample.capacity = (flows_[i].settings().reversed ? backward_ : forward_).capacity();
    sample.estimate = estimator.estimate();
    sample.layer = flows_[i].layer();
    records_[i].samples.push_back(std::exchange(sample, {}));
  }
  tcp_arrived_.push_back(std::exchange(tcp_open_, 0));
}

Duration Experiment::one_way(std::uint8_t index) const {
  return is_flow(index) ? settings_.flows[index].one_way : settings_.tcps[index - settings_.flows.size()].one_way;
}

}  // namespace parley::quality
