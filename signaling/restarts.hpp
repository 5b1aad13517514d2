#pragma once
// When a worker that died is started again: at once the first time, so that a call goes on within seconds; later and later
// if it keeps dying, so that a broken machine does not spend itself on starting processes.

#include <cstdint>
#include <vector>

#include "sfu/base/time.hpp"

namespace parley::signaling {

class Restarts {
 public:
  /// A worker that lived at least this long died by accident and not of its start.
  static constexpr Duration healthy_life = seconds(5);
  static constexpr Duration first_pause = milliseconds(100);
  static constexpr Duration longest_pause = seconds(5);

  /// All workers are due at once.
  explicit Restarts(std::uint32_t workers) : workers_(workers) {}

  void started(Time now, std::uint32_t worker);
  void ended(Time now, std::uint32_t worker);
  /// The workers to be started now; each has to be followed by started(), or ended() when it could not be.
  std::vector<std::uint32_t> due(Time now) const;
  Time wakeup() const;
  /// Nothing is started any more.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

 private:
  struct Worker {
    bool running = false;
    Time since{};             ///< when it was started
    Time next{};              ///< when to start it, unless it runs
    unsigned early_ends = 0;  ///< in a row
  };
  std::vector<Worker> workers_;
  bool stopped_ = false;
};

}  // namespace parley::signaling
