// parley-sfu: one media worker. It joins an Engine, which does the work, with an EventLoop, which has the sockets; the
// front starts it and talks with it over a pipe that it inherits.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "sfu/control/codec.hpp"
#include "sfu/net/child_process.hpp"
#include "sfu/net/event_loop.hpp"
#include "sfu/net/interfaces.hpp"
#include "sfu/net/library_clock.hpp"
#include "sfu/net/signals.hpp"
#include "sfu/net/system_error.hpp"
#include "sfu/room/engine.hpp"

namespace {

using namespace parley;

/// Sockets, pipes and the poller; the rest of the descriptors is for TCP connections.
constexpr std::size_t own_descriptors = 64;
/// How often the interfaces are listed anew: a laptop that changes its network is reachable again soon.
constexpr Duration interface_interval = seconds(5);

struct Options {
  int control = -1;
  std::uint16_t media_port = 40000;
  std::vector<std::string> advertise;
  std::string transport = "udp,tcp";
  std::uint32_t index = 0;
  room::Limits limits;
};

/// What the command line has asked for, read and checked.
struct Settings {
  net::Transports transports;
  std::vector<Address> advertised;  ///< empty: the interfaces' addresses
  room::Limits limits;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--control-fd", options.control, "descriptor of the pipe to the front, which starts this program")->required();
  app.add_option("--media-port", options.media_port, "port for media, UDP and TCP")->capture_default_str();
  app.add_option("--media-transport", options.transport, "udp, tcp or udp,tcp")->capture_default_str();
  app.add_option("--advertise", options.advertise,
                 "ADDRESS or ADDRESS:PORT to put into candidates; default: the interface addresses");
  app.add_option("--last-n", options.limits.last_n, "videos of a room that are forwarded, of those who spoke last; 0: all")
      ->capture_default_str();
  app.add_option("--audible-speakers", options.limits.audible_speakers,
                 "microphones of a room that are forwarded, the loudest; 0: all")
      ->capture_default_str();
  app.add_option("--index", options.index, "number of this worker, for its messages")->capture_default_str();
}

Settings check(const Options& options) {
  Settings settings;
  settings.limits = options.limits;
  const auto transports = net::parse_transports(options.transport);
  if (!transports) throw net::SystemError::sentence("--media-transport takes udp, tcp or udp,tcp.");
  settings.transports = *transports;
  for (const std::string& text : options.advertise) {
    const auto address = net::parse_advertised(text);
    if (!address) throw net::SystemError::sentence("--advertise takes an address, with or without a port, not \"" + text + "\".");
    settings.advertised.push_back(*address);
  }
  return settings;
}

std::vector<std::string> candidates(const Settings& settings, std::uint16_t port) {
  const auto addresses = settings.advertised.empty() ? net::reachable_addresses(net::list_interfaces()) : settings.advertised;
  return net::candidate_lines(addresses, port, settings.transports);
}

/// Without a descriptor, a connection cannot even be refused, and its listener would keep the loop awake.
net::TcpPort::Limits tcp_limits() {
  net::TcpPort::Limits limits;
  limits.connections = std::min(limits.connections, net::raise_descriptor_limit(own_descriptors));
  return limits;
}

class Worker {
 public:
  Worker(Settings settings, std::uint16_t port, net::Mailbox front)
      : settings_(std::move(settings)),
        loop_({port, settings_.transports, tcp_limits()}, std::move(front)),
        candidates_(candidates(settings_, loop_.port())),
        engine_({candidates_, settings_.limits}, Random::from_system()),
        next_listing_(settings_.advertised.empty() ? Time{} : never) {}

  /// Until the front has gone.
  void run() {
    post({{}, control::Ready{net::process_id(), candidates_}});
    for (;;) {
      const net::Turn& turn = loop_.wait(std::min(engine_.wakeup(), next_listing_));
      if (turn.front_gone) return;
      take(turn);
      list_interfaces(turn.now);
      if (turn.now >= engine_.wakeup()) {
        engine_.advance(turn.now, out_);
        flush();
      }
    }
  }

 private:
  void take(const net::Turn& turn) {
    for (const net::Datagram& datagram : turn.datagrams) engine_.receive(turn.now, datagram.path, datagram.bytes, out_);
    for (const Path& path : turn.closed) engine_.path_closed(turn.now, path, out_);
    for (const std::string& text : turn.messages) {
      if (const auto command = control::parse_command(text)) engine_.receive(turn.now, *command, out_);
    }
    flush();
  }

  void list_interfaces(Time now) {
    if (now < next_listing_) return;
    next_listing_ = now + interface_interval;
    auto current = candidates(settings_, loop_.port());
    if (current == candidates_) return;
    candidates_ = current;
    engine_.set_candidates(now, std::move(current), out_);
    flush();
  }

  void flush() {
    loop_.send(out_.outbox.datagrams);
    out_.outbox.datagrams.clear();
    for (const Path& path : out_.close) loop_.close(path);
    out_.close.clear();
    for (control::EventMessage& message : out_.events) post(std::move(message));
    out_.events.clear();
  }

  void post(control::EventMessage message) {
    if (auto* statistics = std::get_if<control::Statistics>(&message.event)) add_network_drops(*statistics);
    loop_.post(control::write(message));
  }

  /// What died before the Engine saw it, or after it had let go, is counted by the loop.
  void add_network_drops(control::Statistics& statistics) const {
    for (std::size_t i = 0; i < Drops::size; ++i) {
      const auto reason = static_cast<DropReason>(i);
      if (loop_.drops()[reason] > 0) statistics.counters["drop_" + std::string(name(reason))] += loop_.drops()[reason];
    }
  }

  Settings settings_;
  net::EventLoop loop_;
  std::vector<std::string> candidates_;
  room::Engine engine_;
  room::Output out_;
  Time next_listing_;  ///< of the interfaces; never when the addresses are given
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("parley-sfu: a media worker of Parley. \"parley serve\" starts and supervises as many as there are cores.");
  Options options;
  declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    net::steady_library_clock();
    net::ignore_interrupts();
    Worker(check(options), options.media_port, net::Mailbox(net::FileDescriptor(options.control))).run();
  } catch (const std::exception& error) {
    std::cerr << "parley-sfu " << options.index << ": " << error.what() << "\n";
    return 1;
  }
  return 0;
}
