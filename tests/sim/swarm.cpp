#include "tests/sim/swarm.hpp"

#include <algorithm>
#include <sstream>

namespace parley::sim {

using Kind = Fault::Kind;

namespace {

constexpr std::string_view names[] = {"weather",        "partition",   "rebind", "lose_websocket",
                                      "restart_worker", "restart_ice", "leave"};

Duration between(Random& random, Duration least, Duration most) {
  return least + Duration(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>((most - least).count()))));
}

double up_to(Random& random, double most) { return most * random.uniform(); }

bool half(Random& random) { return random.below(2) == 0; }

Conditions draw_conditions(Random& random) {
  Conditions conditions{.delay = between(random, milliseconds(1), milliseconds(80))};
  if (half(random)) conditions.jitter = between(random, milliseconds(1), milliseconds(40));
  if (half(random)) conditions.loss = up_to(random, 0.1);
  if (random.below(4) == 0) conditions.burst_loss = up_to(random, 0.005);
  if (half(random)) conditions.reorder = up_to(random, 0.05);
  if (half(random)) conditions.duplication = up_to(random, 0.05);
  return conditions;
}

std::vector<loadtest::SourceSettings> draw_tracks(Random& random) {
  switch (random.below(4)) {
    case 0:
      return {loadtest::microphone()};
    case 1:
      return {loadtest::microphone(), loadtest::simulcast_camera()};
    default:
      return {loadtest::microphone(), loadtest::camera()};
  }
}

Duration draw_length(Random& random, Kind kind) {
  switch (kind) {
    case Kind::partition:
      return between(random, milliseconds(200), seconds(12));
    case Kind::lose_websocket:
      return between(random, milliseconds(100), seconds(20));  // 15 s is the limit for coming back
    case Kind::restart_worker:
      return between(random, milliseconds(100), seconds(3));
    default:
      return {};
  }
}

Fault draw_fault(Random& random, const Swarm& swarm, Kind kind) {
  Fault fault{.at = between(random, milliseconds(500), Swarm::bad_times), .kind = kind, .conditions = draw_conditions(random)};
  fault.client = static_cast<ClientNumber>(1 + random.below(swarm.people));
  fault.worker = static_cast<WorkerNumber>(random.below(swarm.workers));
  fault.lasts = draw_length(random, kind);
  return fault;
}

void apply(World& world, const Fault& fault) {
  if (world.clients().size() < fault.client || world.client(fault.client).left()) return;
  Client& client = world.client(fault.client);
  switch (fault.kind) {
    case Kind::weather:
      return world.network().set_conditions(fault.client, fault.conditions);
    case Kind::partition:
      return world.partition(client, fault.lasts);
    case Kind::rebind:
      return world.network().rebind(fault.client);
    case Kind::lose_websocket:
      return world.lose_websocket(client, fault.lasts);
    case Kind::restart_worker:
      return world.restart_worker(fault.worker, fault.lasts);
    case Kind::restart_ice:
      return world.restart_ice(client);
    case Kind::leave:
      return world.leave(client);
    case Kind::count_:
      return;
  }
}

}  // namespace

Swarm draw_swarm(std::uint64_t seed) {
  Random random = Random::from_number(seed ^ 0x5377'6172'6D00'0000);
  Swarm swarm{.seed = seed, .conditions = {}, .tracks = {}, .joins = {}, .faults = {}};
  swarm.people = static_cast<ClientNumber>(2 + random.below(3));
  swarm.workers = static_cast<WorkerNumber>(1 + random.below(2));
  for (int i = 0; i < swarm.people; ++i) {
    swarm.conditions.push_back(draw_conditions(random));
    swarm.tracks.push_back(draw_tracks(random));
    swarm.joins.push_back(between(random, Duration::zero(), seconds(3)));
  }
  std::ranges::sort(swarm.joins);
  for (std::size_t i = 0; i < static_cast<std::size_t>(Kind::count_); ++i) {
    const auto kind = static_cast<Kind>(i);
    if (kind == Kind::leave && swarm.people == 2) continue;  // somebody must be left to talk to
    if (!half(random)) continue;
    const std::uint64_t count = kind == Kind::leave ? 1 : 1 + random.below(3);
    for (std::uint64_t n = 0; n < count; ++n) swarm.faults.push_back(draw_fault(random, swarm, kind));
  }
  std::ranges::stable_sort(swarm.faults, {}, &Fault::at);
  return swarm;
}

std::string describe(const Swarm& swarm) {
  std::ostringstream out;
  out << "PARLEY_SEED=" << swarm.seed << ": " << int{swarm.people} << " people, " << int{swarm.workers} << " workers";
  const auto in_seconds = [](Duration duration) { return std::chrono::duration<double>(duration).count(); };
  for (const auto& c : swarm.conditions)
    out << "\n  link: delay " << in_seconds(c.delay) << " jitter " << in_seconds(c.jitter) << " loss " << c.loss << " bursts "
        << c.burst_loss << " reorder " << c.reorder << " duplication " << c.duplication;
  for (const auto& fault : swarm.faults)
    out << "\n  " << in_seconds(fault.at) << " s: " << names[static_cast<std::size_t>(fault.kind)] << ", client "
        << int{fault.client} << ", worker " << int{fault.worker} << ", for " << in_seconds(fault.lasts) << " s";
  return out.str();
}

void strike(World& world, const Swarm& swarm) {
  const Time begin = world.now();
  auto next_fault = swarm.faults.begin();
  auto next_join = swarm.joins.begin();
  const auto run_to = [&](Duration at) { world.run_for(std::max(Duration::zero(), begin + at - world.now())); };
  while (next_fault != swarm.faults.end() || next_join != swarm.joins.end()) {
    if (next_fault == swarm.faults.end() || (next_join != swarm.joins.end() && *next_join <= next_fault->at)) {
      run_to(*next_join++);
      const Client& client = world.join(1, swarm.tracks[world.clients().size()], swarm.data);
      world.network().set_conditions(client.number(), swarm.conditions[client.number() - 1u]);
    } else {
      run_to(next_fault->at);
      apply(world, *next_fault++);
    }
  }
  run_to(Swarm::bad_times);
  for (const Client* client : world.clients()) world.mend(*client);
}

}  // namespace parley::sim
