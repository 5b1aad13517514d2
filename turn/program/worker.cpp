#include "turn/program/worker.hpp"

#include <algorithm>
#include <utility>

#include "sfu/net/icmp_error.hpp"
#include "turn/program/log.hpp"

namespace parley::turn {
namespace {

/// Runs that wait for one flush, and of them from one socket: nobody's flood keeps the others waiting.
constexpr std::size_t runs_per_turn = 128;
constexpr std::size_t runs_per_client_socket = 64;
constexpr std::size_t runs_per_relay = 16;
/// Nothing larger crosses the Internet; on loopback it can, and then it may.
constexpr std::size_t largest_datagram = 65535;
/// What waits in error queues is read in small portions, as it may be forged.
constexpr int errors_per_turn = 16;
constexpr int accepts_per_turn = 16;
/// How often streams, the certificate and the report are looked after.
constexpr Duration sweep_interval = seconds(1);

}  // namespace

Worker::Worker(const Settings& settings, const Ways& ways, Config config, Quotas& quotas, Neighbour& neighbours, bool logs)
    : server_(config, credentials_of(settings), quotas, Random::from_system()),
      neighbours_(neighbours),
      logs_(logs),
      alternate_v4_(settings.alternate_v4),
      alternate_v6_(settings.alternate_v6),
      relays_(config),
      fast_paths_(ways.fast_path),
      collector_(runs_per_turn, largest_datagram) {
  know(wake_.descriptor(), Kind::wake);
  open(settings, ways);
}

void Worker::open(const Settings& settings, const Ways& ways) {
  using net::TcpListener;
  for (const Address& address : ways.udp) {
    udp_.push_back({net::SharedUdpSocket(address, "--listen"), address});
    if (ways.fast_path) net::gather_runs(udp_.back().socket.descriptor(), false);  // FastPaths::open() says why
    know(udp_.back().socket.descriptor(), Kind::udp, static_cast<std::uint32_t>(udp_.size() - 1));
  }
  for (const Address& address : ways.tcp) {
    tcp_.emplace_back(address, "--listen", TcpListener::Sharing::port);
    know(tcp_.back().descriptor(), Kind::tcp, static_cast<std::uint32_t>(tcp_.size() - 1));
  }
  if (!ways.tls.empty()) tls_.emplace(settings.certificate, settings.key);
  for (const Address& address : ways.tls) {
    tls_listeners_.emplace_back(address, "--tls", TcpListener::Sharing::port);
    know(tls_listeners_.back().descriptor(), Kind::tls, static_cast<std::uint32_t>(tls_listeners_.size() - 1));
  }
}

void Worker::know(int descriptor, Kind kind, std::uint32_t index) {
  const auto at = static_cast<std::size_t>(descriptor);
  if (roles_.size() <= at) roles_.resize(at + 64);
  roles_[at] = {kind, index};
  if (kind != Kind::stream && kind != Kind::relay && kind != Kind::peer) poller_.add(descriptor);
}

void Worker::run() {
  while (!stopped_) {
    clock_.sleep(moderation_.rest(clock_.now()));
    const Time until = wakeup();
    const auto ready = poller_.wait(until == never ? Duration{-1} : std::max(Duration{0}, until - clock_.now()));
    const Time now = clock_.now();
    for (const auto& one : ready) turn(now, one);
    if (now >= server_.wakeup()) server_.advance(now, out_);
    bridges_.advance(now, server_, out_);
    fast_paths_.advance(now, server_);
    settle(now);
    const std::uint64_t runs = to_clients_.runs().count() + to_peers_.runs().count();
    moderation_.looked(now, runs - std::exchange(runs_, runs), !std::exchange(left_some_, false));
    if (now >= next_sweep_) sweep(now);
    // It goes on: the kernel still gives it newcomers, who want to be told where else to go.
    drained_ = draining_ && server_.empty();
  }
}

Time Worker::wakeup() const { return std::min({server_.wakeup(), bridges_.wakeup(), fast_paths_.wakeup(), next_sweep_}); }

void Worker::turn(Time now, const net::Poller::Readiness& ready) {
  const Role role = roles_[static_cast<std::size_t>(ready.descriptor)];
  switch (role.kind) {
    case Kind::none:
      return;
    case Kind::wake:
      return take_orders(now);
    case Kind::udp:
      return read_udp(now, role.index);
    case Kind::tcp:
      return accept_clients(now, tcp_[role.index], nullptr);
    case Kind::tls:
      return accept_clients(now, tls_listeners_[role.index], &*tls_);
    case Kind::stream:
      return read_stream(now, ready);
    case Kind::relay:
      return read_relay(now, role.index, ready.failed);
    case Kind::peer:
      if (bridges_.has(ready.descriptor)) bridges_.handle(now, ready, server_, out_);
      return settle(now);
  }
}

// ---- datagrams

void Worker::read_udp(Time now, std::uint32_t index) {
  const auto& socket = udp_[index].socket;
  for (const net::Datagram& datagram : collect(now, socket.descriptor(), socket.port(), runs_per_client_socket))
    server_.receive(now, datagram.path, datagram.bytes, out_);
}

std::span<const net::Datagram> Worker::collect(Time now, int descriptor, std::uint16_t port, std::size_t most) {
  if (collector_.full()) settle(now);
  const auto datagrams = collector_.receive(descriptor, port, most, drops_);
  left_some_ = left_some_ || collector_.may_have_left_some();
  return datagrams;
}

void Worker::read_relay(Time now, std::uint32_t index, bool failed) {
  Relays::Entry* const relay = relays_.find(index);
  if (!relay || relay->descriptor() < 0) return;
  if (relay->listener) return accept_peers(now, *relay);
  for (const net::Datagram& datagram : collect(now, relay->descriptor(), relay->local.port(), runs_per_relay))
    server_.receive_from_peer(now, relay->id, relays_.outside(datagram.path.remote), datagram.bytes, out_);
  if (failed || collector_.found_error()) read_errors(now, *relay);
}

void Worker::read_errors(Time now, const Relays::Entry& relay) {
  for (int i = 0; i < errors_per_turn; ++i) {
    const auto error = net::take_icmp_error(relay.descriptor());
    if (!error) return;
    server_.receive_icmp(now, relay.id, relays_.outside(error->remote), {error->type, error->code, error->mtu}, out_);
  }
}

bool Worker::Listener::serves(const Address& local) const {
  return socket.port() == local.port() && (address.is_unspecified() || std::ranges::equal(address.octets(), local.octets()));
}

void Worker::send(const ToClient& message) {
  if (message.client.protocol == Protocol::tcp) return streams_.push(message);
  static constexpr std::array<std::uint8_t, 4> zeros{};
  const Address& local = message.client.local;
  const auto listener = std::ranges::find_if(udp_, [&](const Listener& one) { return one.serves(local); });
  if (listener == udp_.end()) return drops_.add(DropReason::send_no_path);
  // A socket of one address always sends from it.
  const Address from = listener->address.is_unspecified() ? local : Address();
  to_clients_.add({listener->socket.descriptor(), listener->socket.family(), from, message.client.remote}, message.head(),
                  message.payload, Bytes(zeros).first(message.padding), drops_);
}

// ---- streams

void Worker::accept_clients(Time now, net::TcpListener& listener, const net::ServerTls* tls) {
  for (const int descriptor : streams_.accept(now, listener, tls, poller_)) know(descriptor, Kind::stream);
}

void Worker::read_stream(Time now, const net::Poller::Readiness& ready) {
  ClientStream* stream = streams_.find(ready.descriptor);
  if (!stream) return;
  if (stream->joined) {
    bridges_.pass(now, *stream->joined, server_, out_);
    return settle(now);
  }
  const Path client = stream->path;
  streams_.flush(now, *stream, poller_);
  do {
    settle(now);  // messages of the last turn lie where the next ones are read to
    if (!streams_.read(*stream)) break;
    take_messages(now, client);
    stream = streams_.find(client);
  } while (stream && !stream->joined && stream->bytes.has_more());
  if (!stream || stream->joined) return;
  // At once: an end that nobody takes note of would be reported again and again.
  if (stream->is_over())
    close(now, client);
  else
    poller_.want_output(ready.descriptor, stream->bytes.wants_output());
}

void Worker::close(Time now, const Path& client) {
  const auto stream = streams_.take(client, poller_);
  if (!stream) return;
  if (stream->joined)
    server_.connection_closed(now, *stream->joined, out_);
  else
    server_.client_closed(now, client, out_);
  settle(now);
}

/// A message may turn what follows it into data, or send the whole stream elsewhere: so commands are carried out between them.
void Worker::take_messages(Time now, const Path& client) {
  for (ClientStream* stream = streams_.find(client); stream && !stream->joined && !stream->closing;
       stream = streams_.find(client)) {
    const auto message = stream->reader.next();
    if (!message) return;
    server_.receive(now, client, *message, out_);
    if (!out_.commands.empty()) settle(now);
  }
}

void Worker::accept_peers(Time now, Relays::Entry& relay) {
  for (int i = 0; i < accepts_per_turn; ++i) {
    auto accepted = relay.listener->accept();
    if (!accepted) return;
    const auto connection = server_.peer_accepted(now, relay.id, relays_.outside(accepted->remote), out_);
    if (!connection) continue;
    know(accepted->descriptor.get(), Kind::peer);
    bridges_.add(*connection, std::move(accepted->descriptor));
  }
}

// ---- orders of other threads

void Worker::stop() {
  orders_.use([](Orders& orders) { orders.stop = true; });
  wake_.call();
}

void Worker::drain() {
  orders_.use([](Orders& orders) { orders.drain = true; });
  wake_.call();
}

void Worker::set_peers(PeerPolicy peers) {
  orders_.use([&](Orders& orders) { orders.peers = std::move(peers); });
  wake_.call();
}

void Worker::take(Guest guest) {
  orders_.use([&](Orders& orders) { orders.guests.push_back(std::move(guest)); });
  wake_.call();
}

Report Worker::report() const {
  return report_.use([](const Report& report) { return report; });
}

void Worker::take_orders(Time now) {
  wake_.take();
  Orders orders = orders_.use([](Orders& given) { return std::exchange(given, Orders{}); });
  stopped_ = stopped_ || orders.stop;
  if (orders.drain && !std::exchange(draining_, true)) server_.drain(alternate_v4_, alternate_v6_);
  if (orders.peers) server_.set_peers(std::move(*orders.peers));
  for (Guest& guest : orders.guests) take(now, std::move(guest));
}

void Worker::take(Time now, Guest guest) {
  const ClientStream& stream = streams_.adopt(std::move(guest.stream), poller_);
  const Path client = stream.path;
  know(stream.bytes.descriptor(), Kind::stream);
  server_.receive(now, client, guest.message, out_);
  settle(now);
  take_messages(now, client);
}

// ---- what the Server wants

void Worker::settle(Time now) {
  // Opening a socket makes the Server say more.
  for (std::size_t i = 0; i < out_.commands.size(); ++i) {
    const Command command = out_.commands[i];
    std::visit([&](const auto& one) { obey(now, one); }, command);
  }
  for (const ToClient& message : out_.to_clients) send(message);
  for (const ToPeer& datagram : out_.to_peers) relays_.send(datagram, to_peers_, drops_);
  to_clients_.flush(drops_);
  to_peers_.flush(drops_);
  streams_.flush(now, poller_);
  for (const Event& event : out_.events) note(now, event);
  out_.clear();
  collector_.release();
}

void Worker::obey(Time now, const OpenRelay& command) {
  if (!relays_.open(command, poller_)) return server_.relay_failed(now, command.relay, out_);
  know(relays_.find(command.relay)->descriptor(), Kind::relay, command.relay.index);
  server_.relay_opened(now, command.relay, out_);
}

void Worker::obey(Time now, const CloseRelay& command) {
  fast_paths_.close(now, command.relay, server_);
  relays_.close(command.relay);
}

void Worker::obey(Time now, const OpenFastPath& command) { fast_paths_.open(now, command, relays_, server_); }

void Worker::obey(Time now, const ConnectPeer& command) {
  const auto descriptor = bridges_.connect(command.connection, command.local, relays_.inside(command.peer));
  if (!descriptor) return server_.peer_connect_failed(now, command.connection, out_);
  know(*descriptor, Kind::peer);
}

void Worker::obey(Time now, const JoinStreams& command) {
  if (ClientStream* stream = streams_.find(command.client)) bridges_.join(now, command.connection, *stream, server_, out_);
}

void Worker::obey(Time, const CloseConnection& command) {
  if (const auto client = bridges_.close(command.connection)) streams_.take(*client, poller_);
}

void Worker::obey(Time, const CloseClient& command) { streams_.close_soon(command.client); }

void Worker::obey(Time, const HandOver& command) {
  auto stream = streams_.take(command.client, poller_);
  if (!stream) return;
  streams_.count(StreamCount::handed_over);
  neighbours_.hand_over(command.worker, {std::move(*stream), Buffer(command.message.begin(), command.message.end())});
}

void Worker::note(Time now, const Event& event) {
  if (const auto* opened = std::get_if<AllocationOpened>(&event))
    streams_.set_allocated(now, opened->client, true);
  else if (const auto* closed = std::get_if<AllocationClosed>(&event))
    streams_.set_allocated(now, closed->client, false);
  if (logs_) log(event);
}

// ---- once a second

void Worker::sweep(Time now) {
  for (const Path& client : streams_.ended(now)) close(now, client);
  if (tls_) log(tls_->read_again());
  publish();
  next_sweep_ = now + sweep_interval;
}

void Worker::publish() {
  Report report{.allocations = server_.allocations(),
                .connections = server_.connections(),
                .streams = streams_.size(),
                .fast_paths = fast_paths_.size(),
                .counts = server_.counts(),
                .reasons = server_.reasons(),
                .stream_counts = streams_.counts(),
                .fast_path_counts = fast_paths_.counts(),
                .drops = drops_,
                .runs_to_peers = to_peers_.runs(),
                .runs_to_clients = to_clients_.runs()};
  report_.use([&](Report& published) { published = report; });
}

}  // namespace parley::turn
