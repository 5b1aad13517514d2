#include "signaling/restarts.hpp"

#include <algorithm>

namespace parley::signaling {

void Restarts::started(Time now, std::uint32_t worker) {
  workers_[worker].running = true;
  workers_[worker].since = now;
}

void Restarts::ended(Time now, std::uint32_t index) {
  Worker& worker = workers_[index];
  const bool healthy = worker.running && now - worker.since >= healthy_life;
  if (healthy) worker.early_ends = 0;
  Duration pause{};
  if (worker.early_ends > 0)
    pause = std::min<Duration>(first_pause * (1u << std::min(worker.early_ends - 1, 10u)), longest_pause);
  if (!healthy) ++worker.early_ends;
  worker.running = false;
  worker.next = now + pause;
}

std::vector<std::uint32_t> Restarts::due(Time now) const {
  std::vector<std::uint32_t> result;
  for (std::uint32_t i = 0; i < workers_.size(); ++i) {
    if (!stopped_ && !workers_[i].running && workers_[i].next <= now) result.push_back(i);
  }
  return result;
}

Time Restarts::wakeup() const {
  Time earliest = never;
  for (const Worker& worker : workers_) {
    if (!stopped_ && !worker.running) earliest = std::min(earliest, worker.next);
  }
  return earliest;
}

}  // namespace parley::signaling
