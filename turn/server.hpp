#pragma once
// The STUN and TURN relay of one thread as a machine (RFC 8489, RFC 8656, RFC 6062): datagrams and framed messages of clients in,
// datagrams of peers in; datagrams, relay sockets to open and log events out (turn/output.hpp).
//
//   client ── Allocate ─▶ server ── OpenRelay ─▶ driver ── relay_opened ─▶ server ── success ─▶ client
//   client ── channel data 0x4000 ─▶ server ── ToPeer ─▶ peer          peer ─▶ receive_from_peer ── ToClient ─▶ client
//
// Several workers, each with a Server, a thread and its own sockets (SO_REUSEPORT), share only a Quotas and the key in their
// Config: nonces and reservation tokens are not remembered but signed, so any worker can check those of another. A client's
// 5-tuple always meets the same worker. Bandwidth is limited within each worker; counts of allocations over all of them.
//
// Before a request has proved who sends it nothing is remembered of it; what limits answers to such requests is a table of fixed
// size. Left out: mobility (RFC 8016) and third-party authorization (RFC 7635).

#include <memory>
#include <optional>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/counters.hpp"
#include "sfu/base/machine.hpp"
#include "sfu/base/random.hpp"
#include "turn/config.hpp"
#include "turn/credentials.hpp"
#include "turn/output.hpp"
#include "turn/quotas.hpp"
#include "turn/reason.hpp"

namespace parley::turn {

/// What a peer's host, or a router, said about a datagram (RFC 792, RFC 4443).
struct IcmpError {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  /// The MTU of "fragmentation needed" and "packet too big"; else 0.
  std::uint32_t data = 0;
};

/// What went one way, in datagrams and bytes of payload.
struct Carried {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

enum class Count : std::uint8_t {
  bindings,
  allocations,
  packets_to_peers,
  packets_to_clients,
  bytes_to_peers,  ///< payload, as all bytes here
  bytes_to_clients,
  stream_bytes,  ///< of RFC 6062, both directions
  count_
};

class Server {
 public:
  /// `quotas` outlives the server. Throws std::invalid_argument when the realm is too long.
  Server(Config config, Credentials credentials, Quotas& quotas, Random random);
  ~Server();

  /// One UDP datagram, or one message of a stream as StreamReader cuts it. TLS streams are Protocol::tcp here. What is relayed
  /// goes out as a part of `message`: see output.hpp.
  void receive(Time now, const Path& client, Bytes message, Output& out);
  /// The client's stream has ended: what it had allocated ends, too.
  void client_closed(Time now, const Path& client, Output& out);

  /// The socket of OpenRelay is there, or can't be had: then another port is tried.
  void relay_opened(Time now, RelayId relay, Output& out);
  void relay_failed(Time now, RelayId relay, Output& out);
  /// A datagram that has come to a relay socket. It may point into a larger buffer (UDP_GRO): nothing around it is touched.
  void receive_from_peer(Time now, RelayId relay, const Address& peer, Bytes datagram, Output& out);
  /// From the error queue of a relay socket: a datagram to `peer` came back.
  void receive_icmp(Time now, RelayId relay, const Address& peer, const IcmpError& error, Output& out);

  /// So much has gone past the server on the way of OpenFastPath since this was last told: it is counted, and taken from the
  /// bandwidth. Returns until when more may go there; `now`: nothing more, before the next OpenFastPath. What is told when the
  /// allocation has just gone is counted, but not in its log line.
  Time carried(Time now, RelayId relay, const Address& peer, const Carried& to_peer, const Carried& to_client);

  /// The connection of ConnectPeer is there, or has failed.
  void peer_connected(Time now, ConnectionId connection, Output& out);
  void peer_connect_failed(Time now, ConnectionId connection, Output& out);
  /// A peer has connected to a relay's listening socket. Nothing: close it.
  std::optional<ConnectionId> peer_accepted(Time now, RelayId relay, const Address& peer, Output& out);
  /// How many of `wanted` bytes may now be moved between joined streams; fewer, or 0, when the user's bandwidth is used up: then
  /// ask again in some milliseconds.
  std::size_t allow_stream(Time now, ConnectionId connection, std::size_t wanted);
  /// Either of the joined streams, or the connection to the peer alone, has ended.
  void connection_closed(Time now, ConnectionId connection, Output& out);

  void advance(Time now, Output& out);
  Time wakeup() const;

  /// Whoever wants a new allocation from now on is sent to the alternate server of his family (300 Try Alternate), or refused
  /// when there is none (508). What exists lives on, and may be refreshed. The driver is done when empty().
  void drain(std::optional<Address> alternate_v4, std::optional<Address> alternate_v6);
  /// New requests are checked against these; allocations that exist keep the key that they began with.
  void set_credentials(Credentials credentials);
  /// Whom clients may reach from now on: the machine's own addresses have changed. Permissions that exist live on.
  void set_peers(PeerPolicy peers);

  bool empty() const { return allocations() == 0; }
  std::size_t allocations() const;
  std::size_t connections() const;
  const Reasons& reasons() const;
  const Counters<Count>& counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parley::turn
