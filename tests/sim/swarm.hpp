#pragma once
// What one seed does to a call: how many people, on what kind of network, and which faults strike when. Each seed draws its own
// selection of kinds of faults, so that some calls see only loss and others everything at once: that finds more than all of them
// always.

#include <cstdint>
#include <string>
#include <vector>

#include "sfu/base/random.hpp"
#include "loadtest/link.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/world.hpp"

namespace parley::sim {

struct Fault {
  enum class Kind : std::uint8_t {
    weather,         ///< other link conditions for one client
    partition,       ///< nothing passes to or from one client
    rebind,          ///< one client's NAT gives it new ports
    lose_websocket,  ///< one client's; it comes back, perhaps too late to resume
    restart_worker,  ///< everybody's media is gone
    restart_ice,     ///< one client asks for it
    leave,           ///< one client goes
    count_
  };
  Duration at{};
  Kind kind = Kind::weather;
  ClientNumber client = 1;
  WorkerNumber worker = 0;
  Duration lasts{};
  Conditions conditions;
};

struct Swarm {
  /// Faults strike for so long.
  static constexpr Duration bad_times = seconds(15);

  std::uint64_t seed = 1;
  ClientNumber people = 2;
  WorkerNumber workers = 1;
  std::vector<Conditions> conditions;                         ///< of each client at the beginning
  std::vector<std::vector<loadtest::SourceSettings>> tracks;  ///< that each client publishes
  std::vector<Duration> joins;                                ///< when each client comes
  std::vector<Fault> faults;                                  ///< in the order of time
  std::optional<loadtest::DataSettings> data{};               ///< what everybody says on data topics
};

Swarm draw_swarm(std::uint64_t seed);
/// For whoever looks at a failure.
std::string describe(const Swarm& swarm);

/// Lets the people come and the faults strike, and ends with all links mended.
void strike(World& world, const Swarm& swarm);

}  // namespace parley::sim
