#include "signaling/program/relay_process.hpp"

#include <spdlog/spdlog.h>

#include <sstream>

#include "sfu/base/crypto.hpp"
#include "sfu/net/system_error.hpp"

namespace parley::signaling {
namespace {

/// 256 bits, as a word.
std::string make_secret(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  return base64url_encode(bytes);
}

/// "40000-40007"
std::string port_range(std::uint32_t first, std::uint32_t count) {
  return std::to_string(first) + "-" + std::to_string(first + count - 1);
}

/// Whom it may relay to besides the rest of the world: the workers' media ports, under each of this machine's addresses and under
/// the advertised ones.
void allow_workers(const Config& config, std::uint32_t workers, std::vector<std::string>& arguments) {
  arguments.insert(arguments.end(), {"--allow-own-ports", port_range(config.media_port, workers)});
  for (const Address& address : config.advertise) {
    const std::uint16_t first = address.port() == 0 ? config.media_port : address.port();
    const std::string with_port = address.with_port(first).text();
    arguments.insert(arguments.end(),
                     {"--allow-peer", with_port.substr(0, with_port.rfind(':') + 1) + port_range(first, workers)});
  }
}

std::vector<std::string> relay_arguments(const Config& config, std::uint32_t workers) {
  const RelayConfig& relay = config.relay;
  std::vector<std::string> arguments = {
      "--control-fd", std::to_string(net::ChildProcess::inherited_descriptor), "--realm", "parley", "--relay-ports", relay.ports};
  if (relay.listen) arguments.insert(arguments.end(), {"--listen", relay.listen->text()});
  if (relay.tls && !config.certificate.empty())
    arguments.insert(arguments.end(), {"--tls", relay.tls->text(), "--cert", config.certificate, "--key", config.key});
  for (const Address& address : config.advertise) arguments.insert(arguments.end(), {"--relay-address", address.host()});
  allow_workers(config, workers, arguments);
  return arguments;
}

std::string relay_host(const Config& config) {
  if (!config.relay.host.empty() || config.advertise.empty()) return config.relay.host;
  const Address& address = config.advertise.front();
  return address.is_v4() ? address.host() : "[" + address.host() + "]";
}

}  // namespace

RelayProcess::RelayProcess(const Config& config, std::uint32_t workers, std::string executable, Random& random)
    : executable_(std::move(executable)),
      arguments_(relay_arguments(config, workers)),
      secret_(make_secret(random)),
      host_(relay_host(config)),
      wanted_(config.relay.wanted && (config.relay.listen || (config.relay.tls && !config.certificate.empty()))) {}

void RelayProcess::advance(Time now, net::Poller& poller) {
  if (!wanted_ || restarts_.due(now).empty()) return;
  try {
    auto [ours, theirs] = net::Mailbox::pair();
    net::ChildProcess child(executable_, arguments_, std::move(theirs).release());
    poller.add(ours.descriptor());
    ours.send(secret_);
    process_.emplace(Process{std::move(child), std::move(ours)});
    restarts_.started(now, 0);
  } catch (const net::SystemError& error) {
    spdlog::warn("There is no relay for people behind strict NATs: {}", error.what());
    wanted_ = false;
  }
}

void RelayProcess::handle(Time now, const net::Poller::Readiness& ready, net::Poller& poller, std::vector<FrontInput>& out) {
  if (!process_ || process_->mailbox.descriptor() != ready.descriptor) return;
  std::vector<std::string> messages;
  const bool alive = (!ready.readable || process_->mailbox.receive(messages)) && (!ready.writable || process_->mailbox.flush());
  for (const std::string& message : messages) take(message, out);
  if (alive)
    poller.want_output(ready.descriptor, process_->mailbox.wants_output());
  else
    ended(now);
}

/// "ready UDP TCP TLS", its ports, 0 for what is not open; or "metrics", and a text behind the end of the line.
void RelayProcess::take(const std::string& message, std::vector<FrontInput>& out) {
  if (message.starts_with("metrics\n")) {
    metrics_ = message.substr(message.find('\n') + 1);
    return;
  }
  std::istringstream words(message);
  std::string kind;
  Relay relay{.secret = secret_, .host = host_, .udp = 0, .tcp = 0, .tls = 0};
  if (!(words >> kind >> relay.udp >> relay.tcp >> relay.tls) || kind != "ready") return;
  was_ready_ = true;
  out.push_back(RelayReady{std::move(relay)});
}

void RelayProcess::ended(Time now) {
  if (restarts_.stopped()) return process_.reset();
  if (!was_ready_ && process_) process_->child.ended_within(net::ChildProcess::last_words);
  if (was_ready_) {
    spdlog::warn("The relay (process {}) has ended; starting another.", process_->child.id());
  } else {
    spdlog::warn(
        "There is no relay for people behind strict NATs, for the reason above. Calls work without it; --turn off silences "
        "this.");
    wanted_ = false;
  }
  restarts_.ended(now, 0);
  process_.reset();
}

}  // namespace parley::signaling
