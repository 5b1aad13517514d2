#pragma once
// `parley serve`: the Front, which decides everything, between the web server and the worker processes, which only carry.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sfu/net/page_files.hpp"
#include "sfu/net/signals.hpp"
#include "sfu/net/web_server.hpp"
#include "signaling/config.hpp"
#include "signaling/front.hpp"
#include "signaling/program/credentials.hpp"
#include "signaling/program/relay_process.hpp"
#include "signaling/program/workers.hpp"

namespace parley::signaling {

class Server {
 public:
  /// Opens the ports, and makes what the state directory lacks. Throws SystemError.
  explicit Server(const Config& config);
  /// Until SIGINT or SIGTERM: then the clients are told, and it returns.
  void run();

 private:
  void take(const net::WebTurn& turn);
  void receive(Time now, const FrontInput& input);
  void take_web_event(Time now, const net::WebEvent& event);
  void take_request(Time now, const net::WebRequest& request);
  void abandon_request(Time now, RequestTicket ticket);
  void give_out(FrontOutput& output);
  void answer(HttpAnswer& answer);
  void stop(Time now);
  void greet(Time now);

  Config config_;
  net::StopSignals signals_;
  net::StateDirectory state_;
  Random random_;
  Credentials credentials_;
  net::PageFiles page_;
  net::WebServer web_;
  Front front_;
  WorkerProcesses workers_;
  RelayProcess relay_;
  std::set<RequestTicket> metrics_requests_;  ///< whose answers get the web server's own counters, too
  bool greeted_ = false;
  Time stop_by_ = never;
};

}  // namespace parley::signaling
