#include "signaling/workers.hpp"

#include <algorithm>

namespace parley::signaling {
namespace {

/// Statistics are up to a second old, and a room that was just placed forwards nothing yet. So each participant counts as
/// one camera and one microphone going out to one other: about 150 packets a second.
constexpr std::uint64_t packets_per_participant = 150;

std::uint64_t load(const Worker& worker) {
  const std::uint64_t expected = packets_per_participant * std::max(worker.participants, worker.statistics.participants);
  return std::max<std::uint64_t>(expected, worker.statistics.forwarded_per_second);
}

}  // namespace

Worker* Workers::find(WorkerId id) {
  const auto found = workers_.find(id);
  return found == workers_.end() ? nullptr : &found->second;
}

std::optional<WorkerId> Workers::choose() const {
  const auto least = std::ranges::min_element(workers_, {}, [](const auto& entry) { return load(entry.second); });
  return least == workers_.end() ? std::nullopt : std::optional(least->first);
}

}  // namespace parley::signaling
