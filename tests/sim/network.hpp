#pragma once
// The internet of the simulator: every client lives behind a NAT of its own, at the end of a pair of Links; the workers share one
// address and are told apart by their ports. Only UDP.
//
//   client 3, 10.0.0.3:5001 ──▶ its uplink ──▶ NAT: 198.51.100.3:6001 ──▶ worker 0, 203.0.113.1:40000
//
// The tap on each wire checks what must be true of every datagram: nothing readable in it, and no packet of one stream sent twice
// with different content.

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "loadtest/link.hpp"
#include "sfu/base/address.hpp"
#include "sfu/base/outbox.hpp"

namespace parley::sim {

using loadtest::Conditions;
using loadtest::Link;
using loadtest::LinkEvent;

/// Clients are numbered from 1, workers from 0.
using ClientNumber = std::uint8_t;
using WorkerNumber = std::uint8_t;

Address worker_address(WorkerNumber worker);
/// The line of SDP that says so.
std::string worker_candidate(WorkerNumber worker);
Address client_address(ClientNumber client);

/// What a wiretap learns from the RTP headers, which SRTP leaves readable.
class Tap {
 public:
  /// Empty, or what is wrong with the datagram.
  std::string inspect(const Path& path, Bytes datagram);
  /// Of what was sent on all streams: sequence numbers that were left out and never sent.
  std::uint64_t holes() const;
  std::uint64_t packets() const { return packets_; }
  void forget() { streams_.clear(); }

 private:
  struct Stream {
    std::int64_t first = 0;
    std::int64_t highest = 0;
    std::uint64_t distinct = 0;
    std::unordered_map<std::int64_t, std::uint64_t> recent;  ///< sequence number to a hash of the datagram
  };
  std::string inspect_rtp(const Path& path, Bytes datagram);

  std::map<std::pair<Address, std::uint32_t>, Stream> streams_;  ///< by destination host and SSRC
  std::uint64_t packets_ = 0;
};

class Network {
 public:
  explicit Network(Random random) : random_(std::move(random)) {}

  void add_client(ClientNumber client, const Conditions& conditions);
  /// What the taps know of streams is forgotten with it.
  void remove_client(ClientNumber client);
  /// Both directions.
  void set_conditions(ClientNumber client, const Conditions& conditions);
  Link& uplink(ClientNumber client) { return hosts_.at(client).up; }
  Link& downlink(ClientNumber client) { return hosts_.at(client).down; }
  /// The NAT forgets its mappings: what the client sends comes from other ports, what is sent to the old ones is lost.
  void rebind(ClientNumber client) { ++hosts_.at(client).rebindings; }

  void send_from_client(Time now, ClientNumber client, const DatagramBatch& datagrams);
  void send_from_worker(Time now, const DatagramBatch& datagrams);

  /// What has arrived by now. Paths are the receiver's own.
  void advance(Time now, DatagramBatch& at_workers, std::map<ClientNumber, DatagramBatch>& at_clients);
  Time wakeup() const;

  /// Keeps the last `count` datagrams that reached a worker, for an eavesdropper.
  void overhear(std::size_t count) { overhear_ = count; }
  struct Overheard {
    Path path;  ///< the worker's
    Buffer bytes;
  };
  const std::vector<Overheard>& overheard() const { return overheard_; }

  const Tap& worker_tap() const { return worker_tap_; }
  /// Sums over all datagrams sent, with their times and paths.
  std::uint64_t trace() const { return trace_; }
  /// What the taps found wrong since the last call.
  std::vector<std::string> take_findings();
  std::uint64_t unroutable() const { return unroutable_; }

 private:
  struct Host {
    Link up;
    Link down;
    std::uint16_t rebindings = 0;
  };
  Address to_public(ClientNumber client, const Address& inside) const;
  /// Nothing when the NAT has no such mapping (any more).
  std::optional<Address> to_private(ClientNumber client, const Address& outside) const;
  void remember(const DatagramBatch& at_workers);
  void record(Time now, Tap& tap, const Path& path, Bytes datagram);

  Random random_;
  std::map<ClientNumber, Host> hosts_;
  Tap client_tap_;
  Tap worker_tap_;
  std::size_t overhear_ = 0;
  std::size_t heard_ = 0;
  std::vector<Overheard> overheard_;
  std::vector<std::string> findings_;
  std::uint64_t trace_ = 14695981039346656037u;
  std::uint64_t unroutable_ = 0;
};

}  // namespace parley::sim
