#pragma once
// parley-turn as a whole: its workers, each a thread, and around them what happens once for all: signals, metrics, the pipe to
// `parley serve`, and the end, for which calls that are being relayed get some time.

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sfu/net/mailbox.hpp"
#include "sfu/net/signals.hpp"
#include "sfu/net/web_server.hpp"
#include "turn/program/settings.hpp"
#include "turn/program/worker.hpp"
#include "turn/quotas.hpp"

namespace parley::turn {

class Program : public Neighbour {
 public:
  /// `supervisor`: the pipe to `parley serve`, from which the secret comes; then ports that are taken are complained about and
  /// left out, and without one of them there is still a relay. Throws SystemError.
  Program(Settings settings, std::optional<net::Mailbox> supervisor);
  ~Program() override;

  /// Until SIGTERM or SIGINT, and the end of what is relayed then, or until the supervisor has gone.
  void run();

 private:
  void hand_over(std::uint32_t worker, Guest guest) override;
  void await_secret();
  void find_ways();
  void start_workers();
  void take(const net::WebTurn& turn);
  void take_signal(Time now);
  bool supervised() const { return supervisor_.has_value(); }
  void list_interfaces(Time now);
  void tell_supervisor(Time now);
  Report sum() const;
  std::string report() const;
  bool drained() const;

  Settings settings_;
  net::StopSignals signals_;  // first: threads inherit what it blocks
  std::optional<net::Mailbox> supervisor_;
  net::WebServer web_;
  Worker::Ways ways_;
  std::vector<Address> interfaces_;
  std::unique_ptr<Quotas> quotas_;
  SharedFastPath fast_path_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  Time next_listing_{};
  Time next_telling_{};
  std::string told_;
  Time end_ = never;
  bool over_ = false;
};

}  // namespace parley::turn
