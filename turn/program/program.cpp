#include "turn/program/program.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "sfu/net/interfaces.hpp"
#include "sfu/net/system_error.hpp"
#include "turn/program/log.hpp"

namespace parley::turn {
namespace {

/// How often the interfaces are listed anew: a laptop that changes its network relays again soon.
constexpr Duration interface_interval = seconds(5);
/// How often the supervisor gets our counters.
constexpr Duration telling_interval = seconds(2);
/// How often, while draining, we look whether everybody has gone.
constexpr Duration draining_interval = milliseconds(200);
/// RFC 6455 section 7.4.1: nobody speaks WebSocket here.
constexpr std::uint16_t normal_closure = 1000;
/// `parley serve` writes the secret before it starts us.
constexpr Duration secret_patience = seconds(10);

net::WebServerConfig web_config(const Settings& settings) {
  net::WebServerConfig config;
  config.metrics = settings.metrics;
  return config;
}

/// Where `address` is a port that the kernel is to choose, all workers need the same one.
std::vector<Address> free_ways(Protocol protocol, const std::vector<Address>& addresses, const std::string& option,
                               bool complain) {
  std::vector<Address> ways;
  for (const Address& address : addresses) {
    try {
      net::check_free(protocol, address, option);
      ways.push_back(address);
    } catch (const net::SystemError& error) {
      if (!complain) throw;
      spdlog::warn("The relay for people behind strict NATs does without this: {}", error.what());
    }
  }
  return ways;
}

}  // namespace

Program::Program(Settings settings, std::optional<net::Mailbox> supervisor)
    : settings_(std::move(settings)), supervisor_(std::move(supervisor)), web_(web_config(settings_)) {
  web_.poller().add(signals_.descriptor());
  if (supervised()) {
    await_secret();
    web_.poller().add(supervisor_->descriptor());
  }
  find_ways();
  interfaces_ = net::reachable_addresses(net::list_interfaces());
  complete(settings_.config, interfaces_);
  settings_.config.peers = peer_policy(settings_, interfaces_);
  start_workers();
}

Program::~Program() {
  for (const auto& worker : workers_) worker->stop();
  for (std::thread& thread : threads_) thread.join();
}

/// The first message of `parley serve`: neither the command line nor the environment, which others can see.
void Program::await_secret() {
  net::Poller poller;
  poller.add(supervisor_->descriptor());
  std::vector<std::string> messages;
  for (const Time end = web_.clock().now() + secret_patience; messages.empty() && web_.clock().now() < end;) {
    poller.wait(end - web_.clock().now());
    if (!supervisor_->receive(messages)) break;
  }
  if (messages.empty()) throw net::SystemError::sentence("`parley serve` has not told its secret.");
  settings_.secrets.push_back(messages.front());
}

void Program::find_ways() {
  ways_.udp = free_ways(Protocol::udp, settings_.listen, supervised() ? "--turn-listen" : "--listen", supervised());
  ways_.tcp = free_ways(Protocol::tcp, settings_.listen, supervised() ? "--turn-listen" : "--listen", supervised());
  ways_.tls = free_ways(Protocol::tcp, settings_.tls, supervised() ? "--turn-tls" : "--tls", supervised());
  if (ways_.udp.empty() && ways_.tcp.empty() && ways_.tls.empty())
    throw net::SystemError::sentence("None of the relay's ports could be opened.");
}

void Program::start_workers() {
  Random random = Random::from_system();
  random.fill(settings_.config.key);
  Quotas::Key quota_key{};
  random.fill(quota_key);
  quotas_ = std::make_unique<Quotas>(quota_key);
  if (!settings_.fast_path.empty()) {
    fast_path_.use([&](auto& path) { path.emplace(settings_.fast_path); });
    ways_.fast_path = &fast_path_;
  }
  for (std::uint32_t i = 0; i < settings_.threads; ++i)
    workers_.push_back(std::make_unique<Worker>(settings_, ways_, config_of(settings_.config, i, settings_.threads), *quotas_,
                                                *this, !supervised()));
  for (const auto& worker : workers_) threads_.emplace_back([one = worker.get()] { one->run(); });
}

void Program::hand_over(std::uint32_t worker, Guest guest) {
  if (worker < workers_.size()) workers_[worker]->take(std::move(guest));
}

void Program::run() {
  const auto port = [](const std::vector<Address>& addresses) { return addresses.empty() ? 0 : addresses.front().port(); };
  if (supervised())
    supervisor_->send("ready " + std::to_string(port(ways_.udp)) + " " + std::to_string(port(ways_.tcp)) + " " +
                      std::to_string(port(ways_.tls)));
  else
    spdlog::info("Ready: {} thread(s).", workers_.size());
  while (!over_ && !drained()) {
    const Time draining = end_ == never ? never : std::min(end_, web_.clock().now() + draining_interval);
    const net::WebTurn& turn = web_.wait(std::min({next_listing_, supervised() ? next_telling_ : never, draining}));
    take(turn);
    list_interfaces(turn.now);
    tell_supervisor(turn.now);
    over_ = over_ || turn.now >= end_;
  }
  if (!supervised() && !drained()) log_end(sum().allocations);
}

bool Program::drained() const {
  return std::ranges::all_of(workers_, [](const auto& worker) { return worker->drained(); });
}

void Program::take(const net::WebTurn& turn) {
  for (const net::WebEvent& event : turn.events) {
    if (const auto* opened = std::get_if<net::WebClientOpened>(&event)) web_.close(opened->client, normal_closure, "");
    const auto* request = std::get_if<net::WebRequest>(&event);
    if (!request) continue;
    if (request->path == "/metrics" && request->method == "GET")
      web_.respond(request->ticket, {200, {{"Content-Type", "text/plain; version=0.0.4"}}, report()});
    else
      web_.respond(request->ticket, {404, {}, "There is only /metrics.\n"});
  }
  for (const auto& ready : turn.ready) {
    if (ready.descriptor == signals_.descriptor() && signals_.take()) take_signal(turn.now);
    if (!supervised() || ready.descriptor != supervisor_->descriptor()) continue;
    std::vector<std::string> ignored;
    over_ = over_ || (ready.readable && !supervisor_->receive(ignored)) || (ready.writable && !supervisor_->flush());
    web_.poller().want_output(ready.descriptor, supervisor_->wants_output());
  }
}

/// The first one lets what is relayed come to its end; the second one does not. A supervisor tells the clients itself.
void Program::take_signal(Time now) {
  over_ = end_ != never || supervised();
  if (over_) return;
  end_ = now + settings_.drain;
  spdlog::info("Stopping: whoever relays now has {} s left; another signal ends it at once.",
               std::chrono::duration_cast<seconds>(settings_.drain).count());
  for (const auto& worker : workers_) worker->drain();
}

void Program::list_interfaces(Time now) {
  if (now < next_listing_) return;
  next_listing_ = now + interface_interval;
  auto current = net::reachable_addresses(net::list_interfaces());
  if (current == interfaces_) return;
  interfaces_ = std::move(current);
  for (const auto& worker : workers_) worker->set_peers(peer_policy(settings_, interfaces_));
}

void Program::tell_supervisor(Time now) {
  if (!supervised() || now < next_telling_) return;
  next_telling_ = now + telling_interval;
  std::string text = report();
  if (text == told_) return;
  supervisor_->send("metrics\n" + text);
  told_ = std::move(text);
}

std::string Program::report() const { return metrics(sum()); }

Report Program::sum() const {
  Report sum;
  for (const auto& worker : workers_) sum += worker->report();
  return sum;
}

}  // namespace parley::turn
