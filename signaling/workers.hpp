#pragma once
// The workers that are up, and which of them a new room goes to.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sfu/control/event.hpp"
#include "signaling/hub.hpp"

namespace parley::signaling {

struct Worker {
  std::uint32_t participants = 0;  ///< that we have placed there
  std::vector<std::string> candidates;
  control::Statistics statistics;  ///< the newest
};

class Workers {
 public:
  void up(WorkerId id, std::vector<std::string> candidates) { workers_[id] = {0, std::move(candidates), {}}; }
  void down(WorkerId id) { workers_.erase(id); }
  Worker* find(WorkerId id);
  const std::map<WorkerId, Worker>& all() const { return workers_; }
  /// The least loaded one; nothing when none is up.
  std::optional<WorkerId> choose() const;

 private:
  std::map<WorkerId, Worker> workers_;
};

}  // namespace parley::signaling
