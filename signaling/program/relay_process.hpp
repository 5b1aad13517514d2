#pragma once
// The bundled relay, parley-turn, as a process of this server's: started with a secret that nobody else sees, listened to, and
// started again when it ends. Without it calls go on; only people behind strict NATs miss it.

#include <optional>
#include <string>
#include <vector>

#include "sfu/base/random.hpp"
#include "sfu/net/child_process.hpp"
#include "sfu/net/mailbox.hpp"
#include "sfu/net/poller.hpp"
#include "signaling/config.hpp"
#include "signaling/front.hpp"
#include "signaling/restarts.hpp"

namespace parley::signaling {

class RelayProcess {
 public:
  /// `executable`: parley-turn. `workers`: whose media ports relayed participants may reach.
  RelayProcess(const Config& config, std::uint32_t workers, std::string executable, Random& random);

  /// Starts it when it is due.
  void advance(Time now, net::Poller& poller);
  Time wakeup() const { return wanted_ ? restarts_.wakeup() : never; }
  /// When it ends from now on, it has ended for good.
  void stop() { restarts_.stop(); }
  /// Reads from the relay, if it is its pipe that is ready: that it is up, its counters, and that it is gone.
  void handle(Time now, const net::Poller::Readiness& ready, net::Poller& poller, std::vector<FrontInput>& out);
  /// Its counters as it has last told them, in the text format of Prometheus.
  const std::string& metrics() const { return metrics_; }

 private:
  struct Process {
    net::ChildProcess child;
    net::Mailbox mailbox;
  };
  void take(const std::string& message, std::vector<FrontInput>& out);
  void ended(Time now);

  std::string executable_;
  std::vector<std::string> arguments_;
  std::string secret_;
  std::string host_;
  bool wanted_;
  bool was_ready_ = false;
  Restarts restarts_{1};
  std::optional<Process> process_;
  std::string metrics_;
};

}  // namespace parley::signaling
