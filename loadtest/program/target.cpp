#include "loadtest/program/target.hpp"

#include <filesystem>

#include "loadtest/signaling_janus.hpp"
#include "loadtest/signaling_parley.hpp"
#include "loadtest/signaling_whip.hpp"
#include "sfu/net/clock.hpp"
#include "sfu/net/process_usage.hpp"
#include "sfu/net/system_error.hpp"
#include "sfu/net/tcp_listener.hpp"
#include "sfu/net/udp_socket.hpp"
#include "sfu/net/web_connector.hpp"
#include "signaling/auth.hpp"

namespace parley::loadtest {
namespace {

constexpr Duration start_patience = seconds(20);
constexpr Duration token_validity = hours(24);
constexpr std::string_view log = "log";  ///< what our own server says
constexpr std::string_view room_place = "{room}";

std::string free_http_address() {
  const net::TcpListener listener(Address::v4({127, 0, 0, 1}, 0), "");
  return "127.0.0.1:" + std::to_string(listener.port());
}

std::string with_room(std::string url, const std::string& room) {
  if (const auto at = url.find(room_place); at != url.npos) url.replace(at, room_place.size(), room);
  return url;
}

}  // namespace

OwnServer::OwnServer(const Options& options, Random& random)
    : folder_(std::filesystem::temp_directory_path() / ("parley-loadtest-" + std::to_string(random.next()))),
      http_(free_http_address()),
      api_key_("loadtest:" + random.ice_characters(43)) {
  // A limit that keeps strangers out of a public server is in the way of a thousand invited ones.
  std::vector<std::string> arguments{"serve",
                                     "--http",
                                     http_,
                                     "--https",
                                     "off",
                                     "--state",
                                     folder_.file(""),
                                     "--workers",
                                     std::to_string(options.workers),
                                     "--api-key",
                                     api_key_,
                                     "--advertise",
                                     "127.0.0.1",
                                     "--media-transport",
                                     "udp",
                                     "--participants-per-room",
                                     "10000",
                                     "--connections-per-address",
                                     "1000000",
                                     "--media-port",
                                     std::to_string(net::UdpSocket(0, "").port())};
  arguments.insert(arguments.end(), options.server_arguments.begin(), options.server_arguments.end());
  process_.emplace(net::executable_directory() + "/parley", arguments, net::FileDescriptor(), folder_.file(log));
  wait_until_ready();
}

OwnServer::~OwnServer() {
  process_->terminate();
  const net::Clock clock;
  net::Poller poller;
  for (const Time end = clock.now() + seconds(3); !process_->ended() && clock.now() < end;) poller.wait(milliseconds(20));
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_.file(""), ignored);
}

void OwnServer::wait_until_ready() {
  const net::Clock clock;
  net::Poller poller;
  net::WebConnector web(poller, true, Random::from_system());
  const net::HttpCall call{
      .method = "GET", .url = *net::parse_web_url("http://" + http_ + "/healthz"), .headers = {}, .body = {}};
  const Address remote = *Address::parse_with_port(http_);
  for (const Time end = clock.now() + start_patience; clock.now() < end;) {
    web.call(call, remote, Address());
    std::vector<net::WebLinkEvent> events;
    for (const auto& ready : poller.wait(milliseconds(50))) web.handle(ready, events);
    for (const auto& event : events)
      if (const auto* reply = std::get_if<net::WebLinkReply>(&event); reply && reply->reply.status == 200) return;
    if (process_->ended()) break;
    poller.wait(milliseconds(20));
  }
  throw net::SystemError::sentence("The server does not start. It says:\n" + folder_.read(log).value_or(""));
}

Target::Target(const Options& options, Random& random) : options_(options) {
  for (const int process : options_.watched)
    if (!net::read_usage_of_family(process))
      throw net::SystemError::sentence("--watch: there is no process " + std::to_string(process) + ".");
  if (!options_.serve) return;
  own_.emplace(options_, random);
  options_.url = "ws://" + own_->http() + "/signal";
  options_.api_key = own_->api_key();
  options_.watched.push_back(own_->process());
}

std::unique_ptr<Signaling> Target::make_signaling(Time now, const Visit& visit, std::uint32_t number) const {
  Visitor visitor{.room = options_.room + '-' + std::to_string(visit.room),
                  .identity = "peer-" + std::to_string(number),
                  .token = options_.token,
                  .publishes = visit.publishes,
                  .watches = visit.watches};
  if (const auto colon = options_.api_key.find(':'); colon != options_.api_key.npos) {
    signaling::Grant grant;
    grant.identity = visitor.identity;
    grant.room = visitor.room;
    grant.room_join = true;
    visitor.token =
        signaling::make_token(now, grant, token_validity, options_.api_key.substr(0, colon), options_.api_key.substr(colon + 1));
  }
  if (!options_.janus.empty()) return std::make_unique<JanusSignaling>(options_.janus, visit.room + 1, std::move(visitor));
  const std::string& broadcast = visit.publishes ? options_.whip : options_.whep;
  if (!broadcast.empty()) {
    const std::string url = with_room(broadcast, visitor.room);
    return std::make_unique<WhipSignaling>(url, std::move(visitor));
  }
  if (options_.url.empty())
    throw net::SystemError::sentence(visit.publishes ? "The scenario has publishers: give --whip, too."
                                                     : "The scenario has viewers: give --whep, too.");
  return std::make_unique<ParleySignaling>(options_.url, std::move(visitor));
}

const std::string& Target::any_url() const {
  for (const std::string* url : {&options_.url, &options_.janus, &options_.whip})
    if (!url->empty()) return *url;
  return options_.whep;
}

std::optional<ServerUsage> Target::usage() const {
  std::optional<ServerUsage> sum;
  for (const int process : options_.watched) {
    const auto usage = net::read_usage_of_family(process);
    if (!usage) continue;
    if (!sum) sum.emplace();
    sum->cpu += usage->cpu;
    sum->memory += usage->memory;
  }
  return sum;
}

std::string Target::name() const {
  return own_ ? "a server of our own with " + std::to_string(options_.workers) + (options_.workers == 1 ? " worker" : " workers")
              : any_url();
}

}  // namespace parley::loadtest
