#include "tests/sim/network.hpp"

#include <algorithm>

#include "loadtest/pattern.hpp"
#include "sfu/transport/classify.hpp"

namespace parley::sim {

namespace {

/// Longer than any packet cache answers NACKs for.
constexpr std::int64_t remembered = 4096;
/// Ports that a NAT moves up by, each time it forgets.
constexpr std::uint16_t nat_step = 1000;

/// FNV-1a, by words instead of bytes: every datagram of 200 calls goes through it.
std::uint64_t hash(std::uint64_t seed, std::uint64_t number) {
  const std::uint64_t mixed = (seed ^ number) * 1099511628211u;
  return mixed ^ mixed >> 29;
}

std::uint64_t hash(std::uint64_t seed, Bytes bytes) {
  Reader reader(bytes);
  while (reader.remaining() >= 8) seed = hash(seed, reader.u64());
  while (reader.remaining() > 0) seed = hash(seed, reader.u8());
  return seed;
}

ClientNumber number_of(const Address& address) { return address.octets().back(); }

}  // namespace

Address worker_address(WorkerNumber worker) { return Address::v4({203, 0, 113, 1}, static_cast<std::uint16_t>(40000 + worker)); }

std::string worker_candidate(WorkerNumber worker) {
  const Address address = worker_address(worker);
  return "candidate:1 1 udp 2130706431 " + address.host() + " " + std::to_string(address.port()) + " typ host";
}

Address client_address(ClientNumber client) { return Address::v4({10, 0, 0, client}, 5000); }

std::string Tap::inspect(const Path& path, Bytes datagram) {
  if (as_text(datagram).find(loadtest::plaintext_marker) != std::string_view::npos)
    return "media without encryption from " + path.local.text() + " to " + path.remote.text();
  if (transport::classify(datagram) == transport::PacketKind::rtp) return inspect_rtp(path, datagram);
  return {};
}

std::string Tap::inspect_rtp(const Path& path, Bytes datagram) {
  ++packets_;
  Reader reader(datagram);
  reader.skip(2);
  const std::uint16_t sequence = reader.u16();
  reader.skip(4);
  const std::uint32_t ssrc = reader.u32();
  const auto [found, fresh] = streams_.try_emplace({path.remote.with_port(0), ssrc});
  Stream& stream = found->second;
  if (fresh) stream.first = stream.highest = (1 << 16) + sequence;

  const auto difference =
      static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(stream.highest)));
  const std::int64_t unwrapped = stream.highest + difference;
  const auto [known, is_new] = stream.recent.try_emplace(unwrapped, hash(0, datagram));
  // Two packets under one number are two texts under one AES-GCM nonce, which gives the key away.
  if (!is_new)
    return known->second == hash(0, datagram) ? std::string{} : "two packets with one number in stream " + std::to_string(ssrc);
  ++stream.distinct;
  stream.first = std::min(stream.first, unwrapped);
  stream.highest = std::max(stream.highest, unwrapped);
  stream.recent.erase(unwrapped - remembered);
  return {};
}

std::uint64_t Tap::holes() const {
  std::uint64_t holes = 0;
  for (const auto& [key, stream] : streams_)
    holes += static_cast<std::uint64_t>(stream.highest - stream.first + 1) - stream.distinct;
  return holes;
}

void Network::add_client(ClientNumber client, const Conditions& conditions) {
  const auto link = [&] { return Link(conditions, Random::from_number(random_.next())); };
  hosts_.emplace(client, Host{link(), link(), 0});
}

void Network::remove_client(ClientNumber client) {
  hosts_.erase(client);
  client_tap_.forget();
  worker_tap_.forget();
}

void Network::set_conditions(ClientNumber client, const Conditions& conditions) {
  hosts_.at(client).up.set_conditions(conditions);
  hosts_.at(client).down.set_conditions(conditions);
}

Address Network::to_public(ClientNumber client, const Address& inside) const {
  const auto port = inside.port() + nat_step * hosts_.at(client).rebindings;
  return Address::v4({198, 51, 100, client}, static_cast<std::uint16_t>(port));
}

std::optional<Address> Network::to_private(ClientNumber client, const Address& outside) const {
  const auto port = outside.port() - nat_step * hosts_.at(client).rebindings;
  if (port < client_address(client).port() || port >= client_address(client).port() + nat_step) return {};
  return client_address(client).with_port(static_cast<std::uint16_t>(port));
}

void Network::send_from_client(Time now, ClientNumber client, const DatagramBatch& datagrams) {
  for (const auto& entry : datagrams.entries()) {
    record(now, client_tap_, entry.path, entry.bytes());
    const Path at_worker{Protocol::udp, entry.path.remote, to_public(client, entry.path.local)};
    hosts_.at(client).up.receive(now, at_worker, entry.bytes());
  }
}

void Network::send_from_worker(Time now, const DatagramBatch& datagrams) {
  for (const auto& entry : datagrams.entries()) {
    record(now, worker_tap_, entry.path, entry.bytes());
    const auto host = hosts_.find(number_of(entry.path.remote));
    if (host == hosts_.end())
      ++unroutable_;
    else
      host->second.down.receive(now, entry.path, entry.bytes());
  }
}

void Network::advance(Time now, DatagramBatch& at_workers, std::map<ClientNumber, DatagramBatch>& at_clients) {
  DatagramBatch arrived;
  for (auto& [number, host] : hosts_) {
    host.up.advance(now, at_workers);
    arrived.clear();
    host.down.advance(now, arrived);
    for (const auto& entry : arrived.entries()) {
      if (const auto inside = to_private(number, entry.path.remote))
        at_clients[number].add({Protocol::udp, *inside, entry.path.local}, entry.bytes());
      else
        ++unroutable_;
    }
  }
  if (overhear_ > 0) remember(at_workers);
}

void Network::remember(const DatagramBatch& at_workers) {
  for (const auto& entry : at_workers.entries()) {
    if (overheard_.size() < overhear_) overheard_.emplace_back();
    overheard_[heard_++ % overhear_] = {entry.path, Buffer(entry.bytes().begin(), entry.bytes().end())};
  }
}

Time Network::wakeup() const {
  Time wakeup = never;
  for (const auto& [number, host] : hosts_) wakeup = std::min({wakeup, host.up.wakeup(), host.down.wakeup()});
  return wakeup;
}

void Network::record(Time now, Tap& tap, const Path& path, Bytes datagram) {
  trace_ = hash(hash(trace_, static_cast<std::uint64_t>(now.time_since_epoch().count())), hash_value(path));
  trace_ = hash(trace_, datagram);
  if (std::string finding = tap.inspect(path, datagram); !finding.empty()) findings_.push_back(std::move(finding));
}

std::vector<std::string> Network::take_findings() { return std::exchange(findings_, {}); }

}  // namespace parley::sim
