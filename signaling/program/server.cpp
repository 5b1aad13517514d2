#include "signaling/program/server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include "sfu/net/certificate.hpp"
#include "sfu/net/file.hpp"
#include "sfu/net/interfaces.hpp"
#include "sfu/net/system_error.hpp"
#include "signaling/greeting.hpp"
#include "signaling/json.hpp"

namespace parley::signaling {
namespace {

/// How long clients have to take the message that the server ends.
constexpr Duration farewell = seconds(1);
/// The invite is printed anew at each start.
constexpr Duration invite_validity = hours(7 * 24);
/// A certificate that has less than this left is made again.
constexpr Duration certificate_reserve = hours(30 * 24);
/// Of the web server: a page's WebSocket, and up to six that its browser opens for files and keeps for a minute. So the Hub's
/// limit for an address is met first, and the page can say so.
constexpr std::size_t connections_per_page = 7;
/// Descriptors of the front beside those of connections: a dozen, and a few for each worker.
constexpr std::size_t own_descriptors = 64;
constexpr std::size_t worker_descriptors = 4;
/// RFC 6455 section 7.4.1: the purpose for which the connection was opened has been fulfilled.
constexpr std::uint16_t normal_closure = 1000;

std::uint32_t worker_count(const Config& config) {
  return config.workers > 0 ? config.workers : std::max(1u, std::thread::hardware_concurrency());
}

Config checked(const Config& config) {
  if (const auto error = check_config(config, worker_count(config))) throw net::SystemError::sentence(error->message);
  return config;
}

/// Where a build, or else a package, puts the page.
net::PageFiles find_page(const std::string& given) {
  net::PageFiles page(given.empty() ? net::executable_directory() + "/../../../web-client/dist" : given);
  if (given.empty() && !page.has_index()) page = net::PageFiles("/usr/share/parley/page");
  if (!page.has_index())
    spdlog::warn("There is no page{}, so browsers find nothing: deploy/start builds one, --page says where another is.",
                 given.empty() ? "" : " in " + given);
  return page;
}

/// Makes and keeps a certificate, unless one is given.
void prepare_certificate(Config& config, const net::StateDirectory& state) {
  if (!config.https) return;
  if (config.certificate.empty() != config.key.empty())
    throw net::SystemError::sentence("--cert and --key belong together: give both or none.");
  if (!config.certificate.empty()) return;
  const Time now = net::Clock().now();
  const auto expiry = net::certificate_expiry(state.read("certificate.pem").value_or(""));
  if (!expiry || *expiry < now + certificate_reserve || !state.read("certificate.key")) {
    auto addresses = net::reachable_addresses(net::list_interfaces());
    addresses.push_back(Address::v4({127, 0, 0, 1}, 0));
    const net::PemPair made = net::make_certificate(now, {"localhost", net::host_name()}, addresses);
    state.write("certificate.key", made.key);
    state.write("certificate.pem", made.certificate);
  }
  config.certificate = state.file("certificate.pem");
  config.key = state.file("certificate.key");
}

/// What is wanted, if the system has so many descriptors. Without one, a connection cannot even be refused, and its listener
/// would keep the loop awake.
std::size_t connections_that_fit(const Config& config) {
  const std::size_t wanted = config.limits.connections;
  const std::size_t own = own_descriptors + worker_descriptors * worker_count(config);
  const std::size_t most = net::raise_descriptor_limit(own);
  if (wanted <= most) return wanted;
  if (most < connections_per_page)
    throw net::SystemError::sentence("The system lets this process have fewer than the " +
                                     std::to_string(own + connections_per_page) +
                                     " descriptors with which a single page gets in (ulimit -Hn); 4096 serve a small site.");
  spdlog::warn("--connections {}: the system lets this process have descriptors for {} only (ulimit -Hn).", wanted, most);
  return most;
}

net::WebServerConfig web_config(Config& config, const net::StateDirectory& state) {
  prepare_certificate(config, state);
  net::WebServerConfig web;
  web.http = config.http;
  web.https = config.https;
  web.metrics = config.metrics;
  web.certificate = config.certificate;
  web.key = config.key;
  web.subprotocol = json::subprotocol;
  web.message_limit = config.limits.message_bytes;
  web.connections = connections_that_fit(config);
  web.connections_per_address = connections_per_page * config.limits.connections_per_address;
  return web;
}

FrontSettings front_settings(const Config& config, const Credentials& credentials) {
  FrontSettings settings;
  settings.hub = {config.limits, config.ice_servers, config.direct};
  settings.keys = config.api_keys;
  settings.keys[credentials.key] = credentials.secret;
  settings.invite_key = credentials.key;
  settings.metrics_apart = config.metrics.has_value();
  return settings;
}

/// In the text format of Prometheus, as /metrics has the rest.
std::string web_metrics(const net::WebServerCounters& counters) {
  std::string text = "# TYPE parley_web_total counter\n";
  const auto add = [&](const char* event, std::uint64_t value) {
    text += std::string("parley_web_total{event=\"") + event + "\"} " + std::to_string(value) + "\n";
  };
  add("messages_too_large", counters.messages_too_large);
  add("slow_clients", counters.slow_clients);
  add("too_many_connections", counters.too_many_connections);
  return text;
}

HttpRequest converted(const net::WebRequest& request) {
  return {request.method,
          request.path,
          request.query,
          request.headers,
          request.body,
          request.remote,
          request.body_length_known,
          request.to_metrics_port};
}

}  // namespace

Server::Server(const Config& config)
    : config_(checked(config)),
      state_(config.state.empty() ? net::StateDirectory::default_path() : config.state),
      random_(Random::from_system()),
      credentials_(load_credentials(state_, random_)),
      page_(find_page(config_.page)),
      web_(web_config(config_, state_)),
      front_(front_settings(config_, credentials_), Random::from_system()),
      workers_(config_, worker_count(config_), net::executable_directory() + "/parley-sfu"),
      relay_(config, worker_count(config_), net::executable_directory() + "/parley-turn", random_) {
  web_.poller().add(signals_.descriptor());
}

void Server::run() {
  for (;;) {
    workers_.advance(web_.clock().now(), web_.poller());
    relay_.advance(web_.clock().now(), web_.poller());
    const net::WebTurn& turn = web_.wait(std::min({front_.wakeup(), workers_.wakeup(), relay_.wakeup(), stop_by_}));
    take(turn);
    if (turn.now >= front_.wakeup()) {
      FrontOutput output;
      front_.advance(turn.now, output);
      give_out(output);
    }
    if (!greeted_ && workers_.all_ready()) greet(turn.now);
    if (stop_by_ != never && (turn.now >= stop_by_ || web_.idle())) return;
  }
}

void Server::take(const net::WebTurn& turn) {
  for (const net::WebEvent& event : turn.events) take_web_event(turn.now, event);
  // First the signal: who sends it to the whole group ends the workers, too, and they are not to be started again.
  for (const auto& ready : turn.ready)
    if (ready.descriptor == signals_.descriptor() && signals_.take()) stop(turn.now);
  for (const auto& ready : turn.ready) {
    std::vector<FrontInput> inputs;
    workers_.handle(turn.now, ready, web_.poller(), inputs);
    relay_.handle(turn.now, ready, web_.poller(), inputs);
    for (const FrontInput& input : inputs) receive(turn.now, input);
  }
}

void Server::receive(Time now, const FrontInput& input) {
  FrontOutput output;
  front_.receive(now, input, output);
  give_out(output);
}

void Server::take_web_event(Time now, const net::WebEvent& event) {
  if (const auto* opened = std::get_if<net::WebClientOpened>(&event))
    receive(now, ClientOpened{{opened->client.value}, opened->remote, host_of(opened->host)});
  else if (const auto* message = std::get_if<net::WebClientMessage>(&event))
    receive(now, ClientText{{message->client.value}, message->text});
  else if (const auto* closed = std::get_if<net::WebClientClosed>(&event))
    receive(now, ClientClosed{{closed->client.value}});
  else if (const auto* abandoned = std::get_if<net::WebRequestAbandoned>(&event))
    abandon_request(now, {abandoned->ticket.value});
  else
    take_request(now, std::get<net::WebRequest>(event));
}

void Server::abandon_request(Time now, RequestTicket ticket) {
  metrics_requests_.erase(ticket);
  receive(now, HttpAbandoned{ticket});
}

void Server::take_request(Time now, const net::WebRequest& request) {
  if (request.to_metrics_port && request.path != "/metrics")
    return web_.respond(request.ticket, {404, {}, "There is only /metrics.\n"});
  if (request.path == "/metrics") metrics_requests_.insert({request.ticket.value});
  if (Front::handles(request.path))
    receive(now, HttpArrived{{request.ticket.value}, converted(request)});
  else
    web_.respond(request.ticket, page_.respond(request));
}

void Server::give_out(FrontOutput& output) {
  for (auto& one : output) {
    if (auto* text = std::get_if<SendText>(&one))
      web_.send({text->client.value}, std::move(text->text));
    else if (const auto* closing = std::get_if<CloseClient>(&one))
      web_.close({closing->client.value}, normal_closure, "");
    else if (auto* http = std::get_if<HttpAnswer>(&one))
      answer(*http);
    else
      workers_.send(std::get<ToWorker>(one), web_.poller());
  }
}

void Server::answer(HttpAnswer& answer) {
  HttpResponse& response = answer.response;
  if (metrics_requests_.erase(answer.ticket) > 0 && response.status == 200)
    response.body += web_metrics(web_.counters()) + relay_.metrics();
  web_.respond({answer.ticket.value}, {response.status, std::move(response.headers), std::move(response.body)});
}

void Server::stop(Time now) {
  if (stop_by_ != never) return;
  spdlog::info("Stopping: everybody is told.");
  workers_.stop();
  relay_.stop();
  receive(now, ServerStopping{});
  stop_by_ = now + farewell;
}

void Server::greet(Time now) {
  greeted_ = true;
  const bool own = config_.certificate == state_.file("certificate.pem");
  const Doors doors{
      .http = config_.http ? std::optional(config_.http->with_port(web_.port(net::WebPort::http))) : std::nullopt,
      .https = config_.https ? std::optional(config_.https->with_port(web_.port(net::WebPort::https))) : std::nullopt,
      .interfaces = net::reachable_addresses(net::list_interfaces()),
      .advertised = config_.advertise,
      .names = net::certificate_names(net::read_file(config_.certificate).value_or("")),
      .own_certificate = own};
  std::cout << greeting(doors, make_invite(now, invite_validity, credentials_.key, credentials_.secret)) << std::flush;
}

}  // namespace parley::signaling
