#include "loadtest/program/driver.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>

#include "loadtest/program/files.hpp"
#include "sfu/net/child_process.hpp"
#include "sfu/net/process_usage.hpp"
#include "sfu/net/system_error.hpp"

namespace parley::loadtest {
namespace {

/// Batches read from one socket before the others and the clock have their turn.
constexpr int batches_per_turn = 8;
/// How long the last words (leave, close) may take.
constexpr Duration farewell = milliseconds(300);
/// Members' ports where they have no addresses of their own: below Linux' ephemeral range.
constexpr std::uint16_t first_port = 10'000;
constexpr std::uint16_t last_port = 32'000;
/// 127.0.0.0/16 is left to others; what follows is ours.
const Address loopback_network = Address::v4({127, 1, 0, 0}, 0);

/// "10.9.0.0/16" gives its first address. The scenario may need less than there are, which is not checked: a route to lo is the
/// operator's.
Address parse_network(const std::string& cidr) {
  const auto address = Address::parse(cidr.substr(0, cidr.find('/')), 0);
  if (!address || !address->is_v4())
    throw net::SystemError::sentence("--local-network takes an IPv4 network such as 10.9.0.0/16.");
  return *address;
}

Duration own_cpu() {
  const auto usage = net::read_usage(static_cast<int>(net::process_id()));
  return usage ? usage->cpu : Duration{};
}

}  // namespace

Driver::Driver(const Options& options, const Scenario& scenario, const Target& target)
    : target_(target),
      quiet_(options.quiet || !net::error_output_is_terminal()),
      awake_(options.awake),
      web_(poller_, options.insecure, Random::from_system()),
      scenario_(scenario),
      clips_(read_clips(scenario.media, options.clips.empty() ? net::executable_directory() + "/../clips" : options.clips)) {
  poller_.add(signals_.descriptor());
  open_sockets(options);
  std::vector<std::unique_ptr<Signaling>> signaling;
  for (const Visit& visit : make_plan(scenario_))
    signaling.push_back(target_.make_signaling(clock_.now(), visit, static_cast<std::uint32_t>(signaling.size())));
  if (!addresses_.same_port && signaling.size() > (last_port - first_port) / CrowdAddresses::per_member)
    throw net::SystemError::sentence("So many peers do not fit behind one address: give them a network with --local-network.");
  crowd_.emplace(certificate_, *cipher_, clips_, scenario_, addresses_, std::move(signaling), Random::from_system());
}

void Driver::open_sockets(const Options& options) {
  const auto url = net::parse_web_url(target_.any_url());
  if (!url) throw net::SystemError::sentence(target_.any_url() + " is no URL of http, https, ws or wss.");
  const bool loopback = remote_of(*url).is_loopback();
  if (!loopback && options.local_network.empty()) {
    addresses_ = {Address::v4({}, first_port), false};
    return;
  }
  net::UdpSocket socket(0, "");
  const Address first = options.local_network.empty() ? loopback_network : parse_network(options.local_network);
  addresses_ = {first.with_port(socket.port()), true};
  add_socket(std::move(socket));
}

net::UdpSocket& Driver::add_socket(net::UdpSocket socket) {
  poller_.add(socket.descriptor());
  ports_[socket.descriptor()] = socket.port();
  const std::uint16_t port = socket.port();
  return sockets_.emplace(port, std::move(socket)).first->second;
}

Report Driver::run() {
  const Time start = clock_.now();
  Recorder recorder(scenario_, start);
  record(start, recorder);
  crowd_->start(start);
  const Time end = start + scenario_.length();
  Time next_sample = start;
  for (Time now = start; now < end && !stopped_; now = clock_.now()) {
    if (now >= next_sample) {
      if (now > start) record(now, recorder);
      next_sample = recorder.next_reading(next_sample);
    }
    turn(std::min(next_sample, end));
  }
  record(clock_.now(), recorder);
  if (!quiet_) std::cerr << "\n";
  say_goodbye();
  Report report = recorder.finish(crowd_->joins(), target_.name());
  report.drops = output_.outbox().drops;
  return report;
}

void Driver::turn(Time until) {
  const Time before = clock_.now();
  const Duration patience = std::max(std::min(until, crowd_->wakeup()) - before, Duration::zero());
  const auto ready = poller_.wait(awake_ ? Duration::zero() : patience);
  const Time now = clock_.now();
  for (const auto& one : ready) {
    if (one.descriptor == signals_.descriptor()) {
      stopped_ = signals_.take() || stopped_;
    } else if (!web_.handle(one, web_events_)) {
      if (const auto port = ports_.find(one.descriptor); port != ports_.end()) receive_datagrams(now, sockets_.at(port->second));
    }
  }
  web_.advance(web_events_);
  for (const auto& event : std::exchange(web_events_, {})) take(now, event);
  crowd_->advance(now, output_);
  for (const auto& said : std::exchange(output_.web, {})) perform(said.member, said.action);
  send();
}

void Driver::receive_datagrams(Time now, net::UdpSocket& socket) {
  for (int i = 0; i < batches_per_turn; ++i) {
    const auto datagrams = socket.receive_batch(output_.outbox().drops);
    if (datagrams.empty()) return;
    for (const auto& datagram : datagrams) {
      Path path = datagram.path;
      if (!addresses_.same_port) path.local = Address::v4({}, socket.port());
      crowd_->receive(now, path, datagram.bytes, output_);
    }
  }
}

void Driver::take(Time now, const net::WebLinkEvent& event) {
  const auto link = std::visit([](const auto& content) { return content.link; }, event);
  const auto found = owners_.find(link);
  if (found == owners_.end()) return;
  const Owner owner = found->second;
  const auto forget = [&] {
    owners_.erase(link);
    if (!owner.call) web_sockets_.erase(owner.member);
  };
  if (std::holds_alternative<net::WebLinkOpened>(event)) return crowd_->receive(now, owner.member, SocketOpened{}, output_);
  if (const auto* message = std::get_if<net::WebLinkMessage>(&event))
    return crowd_->receive(now, owner.member, SocketText{message->text}, output_);
  forget();
  if (const auto* reply = std::get_if<net::WebLinkReply>(&event)) {
    CallReply answer{owner.call.value_or(0), reply->reply.status, reply->reply.headers, reply->reply.body};
    return crowd_->receive(now, owner.member, answer, output_);
  }
  const std::string& reason = std::get<net::WebLinkClosed>(event).reason;
  if (owner.call) return crowd_->receive(now, owner.member, CallFailed{*owner.call, reason}, output_);
  crowd_->receive(now, owner.member, SocketClosed{reason}, output_);
}

void Driver::perform(MemberNumber member, const ToWeb& action) {
  if (const auto* wanted = std::get_if<OpenSocket>(&action)) return open(member, *wanted);
  if (const auto* wanted = std::get_if<SendCall>(&action)) return call(member, *wanted);
  const auto found = web_sockets_.find(member);
  if (found == web_sockets_.end()) return;
  if (const auto* text = std::get_if<SendText>(&action)) return web_.send(found->second, text->text);
  web_.close(found->second);
  owners_.erase(found->second);
  web_sockets_.erase(found);
}

void Driver::open(MemberNumber member, const OpenSocket& wanted) {
  const auto url = net::parse_web_url(wanted.url);
  if (!url) throw net::SystemError::sentence(wanted.url + " is no URL of ws or wss.");
  const Address local = addresses_.same_port ? addresses_.of(member) : Address();
  const auto link = web_.open(*url, remote_of(*url), local, wanted.subprotocol);
  owners_[link] = {member, std::nullopt};
  web_sockets_[member] = link;
}

void Driver::call(MemberNumber member, const SendCall& wanted) {
  const auto url = net::parse_web_url(wanted.url);
  if (!url) throw net::SystemError::sentence(wanted.url + " is no URL of http or https.");
  const Address local = addresses_.same_port ? addresses_.of(member) : Address();
  owners_[web_.call({wanted.method, *url, wanted.headers, wanted.body}, remote_of(*url), local)] = {member, wanted.number};
}

Address Driver::remote_of(const net::WebUrl& url) {
  const auto known = looked_up_.find(url.host);
  if (known != looked_up_.end()) return known->second.with_port(url.port);
  const auto address = net::look_up(url.host, url.port);
  if (!address) throw net::SystemError::sentence("There is no host " + url.host + ".");
  return looked_up_.emplace(url.host, *address).first->second;
}

void Driver::send() {
  if (output_.outbox().datagrams.empty()) return;
  if (addresses_.same_port)
    sockets_.begin()->second.send_batch(output_.outbox().datagrams, output_.outbox().drops);
  else
    send_from_own_ports();
  output_.outbox().datagrams.clear();
}

/// Opens a port when its member first sends from it.
void Driver::send_from_own_ports() {
  std::unordered_map<std::uint16_t, DatagramBatch> batches;
  for (const auto& entry : output_.outbox().datagrams.entries()) batches[entry.path.local.port()].add(entry.path, entry.bytes());
  for (const auto& [port, batch] : batches) {
    const auto found = sockets_.find(port);
    net::UdpSocket& socket = found != sockets_.end() ? found->second : add_socket(net::UdpSocket(port, ""));
    socket.send_batch(batch, output_.outbox().drops);
  }
}

void Driver::record(Time now, Recorder& recorder) {
  recorder.record({now, crowd_->attendance(), crowd_->totals(now), target_.usage(), own_cpu()});
  if (quiet_ || !recorder.newest()) return;
  std::cerr << "\r\x1B[K" << write_progress(*recorder.newest()) << std::flush;
}

void Driver::say_goodbye() {
  const Time now = clock_.now();
  crowd_->leave(now, output_);
  for (Time end = now + farewell; clock_.now() < end;) turn(end);
}

}  // namespace parley::loadtest
