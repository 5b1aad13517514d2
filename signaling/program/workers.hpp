#pragma once
// The worker processes of this machine: started, listened to, and started again when they end.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "sfu/net/child_process.hpp"
#include "sfu/net/mailbox.hpp"
#include "sfu/net/poller.hpp"
#include "signaling/config.hpp"
#include "signaling/front.hpp"
#include "signaling/restarts.hpp"

namespace parley::signaling {

class WorkerProcesses {
 public:
  /// `executable`: parley-sfu. Worker i gets media port + i.
  WorkerProcesses(const Config& config, std::uint32_t count, std::string executable);

  /// Starts those that are due. Throws SystemError when the executable cannot be run.
  void advance(Time now, net::Poller& poller);
  Time wakeup() const { return restarts_.wakeup(); }
  /// Whichever ends from now on has ended for good.
  void stop() { restarts_.stop(); }
  /// Each worker has been ready at least once.
  bool all_ready() const { return std::find(was_ready_.begin(), was_ready_.end(), false) == was_ready_.end(); }
  /// Reads from the worker whose pipe is ready, if it is one: its events, and that it is gone.
  /// Throws SystemError when a worker ends before it has ever been ready: then something is wrong that lasts, such as a
  /// port that is taken (it has said what).
  void handle(Time now, const net::Poller::Readiness& ready, net::Poller& poller, std::vector<FrontInput>& out);
  /// A worker that is not there any more, or that does not read, is left to handle().
  void send(const ToWorker& message, net::Poller& poller);

 private:
  struct Process {
    std::uint32_t index;
    net::ChildProcess child;
    net::Mailbox mailbox;
  };
  void start(Time now, std::uint32_t index, net::Poller& poller);
  std::vector<std::string> arguments(std::uint32_t index) const;

  std::string executable_;
  std::string transport_;
  std::uint16_t media_port_;
  std::vector<Address> advertised_;
  std::uint32_t last_n_;
  std::uint32_t audible_speakers_;
  Restarts restarts_;
  std::vector<bool> was_ready_;
  std::map<int, Process> processes_;  // by the descriptor of the pipe
};

}  // namespace parley::signaling
