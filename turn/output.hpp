#pragma once
// What the relay wants done: the `out` of turn::Server. The driver (sockets, or the simulator) carries it out after each turn, in
// the order of the lists here, and then clears it.
//
// Relayed data is not copied. `payload` lies in the buffer that the driver gave to receive() or receive_from_peer(), so the
// driver sends everything before it reuses that buffer. Towards a client a header of 4 bytes (channel data) or 36 to 48 (a Data
// indication) stands in `prefix`, and `padding` zero bytes follow: three entries of an iovec. The same works for one call with
// UDP_SEGMENT, as several datagrams of one size to one destination are [prefix payload padding][prefix payload padding]...

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/time.hpp"
#include "turn/ids.hpp"

namespace parley::turn {

/// One datagram to a client, or, when its path is TCP, so many bytes of its stream: over TCP nothing else is needed for framing.
struct ToClient {
  Path client;
  Bytes payload;
  std::uint8_t prefix_size = 0;
  std::uint8_t padding = 0;
  std::array<std::uint8_t, 48> prefix;

  Bytes head() const { return Bytes(prefix).first(prefix_size); }
  std::size_t size() const { return prefix_size + payload.size() + padding; }
};

/// One datagram from a relay socket to a peer.
struct ToPeer {
  RelayId relay;
  Address peer;
  Bytes payload;
  /// The client asked for the DF bit (DONT-FRAGMENT). All others go without it.
  bool dont_fragment = false;
};

/// Bind a UDP socket, or a listening TCP socket, to exactly this address. Answer with relay_opened() or relay_failed(). A TCP
/// socket needs SO_REUSEADDR and SO_REUSEPORT, as connections to peers leave from the same address.
struct OpenRelay {
  RelayId relay;
  Protocol protocol = Protocol::udp;
  Address local;
};
/// Close the socket; nothing more is wanted from it.
struct CloseRelay {
  RelayId relay;
};
/// Connect from the relay's local address to the peer. Answer with peer_connected() or peer_connect_failed().
struct ConnectPeer {
  ConnectionId connection;
  Address local;
  Address peer;
};
/// The client's stream is a data connection from now on: what it sends goes to the peer and the other way round, as bytes,
/// without the server seeing them. Bytes that came behind the message are data already. Until this comes, nothing is read from
/// the peer: TCP's window holds it back. allow_stream() says how much may pass; connection_closed() is told when either side
/// ends.
struct JoinStreams {
  ConnectionId connection;
  Path client;
};
/// Close the connection to the peer and the client's data connection, where there is one.
struct CloseConnection {
  ConnectionId connection;
};
/// Close the client's stream after what is to be sent to it: it speaks something else.
struct CloseClient {
  Path client;
};
/// A data connection (ConnectionBind) reached a worker that does not have its peer: hand the stream over to `worker`, and give
/// that one's server this message and whatever follows. Never happens where all streams are with one worker.
struct HandOver {
  Path client;
  std::uint8_t worker = 0;
  Bytes message;  ///< valid as long as what was given to receive()
};

/// Datagrams of this channel may go past the server, as far as the driver has a way for that (net::FastPath), for as long as
/// Server::carried() says. It comes again whenever the channel is refreshed, and ends with its relay at the latest.
struct OpenFastPath {
  RelayId relay;
  Path client;
  ChannelNumber channel;
  Address peer;
};

using Command =
    std::variant<OpenRelay, CloseRelay, OpenFastPath, ConnectPeer, JoinStreams, CloseConnection, CloseClient, HandOver>;

/// One log line for each allocation that begins and one for each that ends.
struct AllocationOpened {
  Path client;
  std::string user;
  std::vector<Address> relayed;
};
struct AllocationClosed {
  enum class Why : std::uint8_t { deleted, expired, client_gone, relay_failed };
  Path client;
  std::string user;
  Why why = Why::deleted;
  Duration lived{};
  std::uint64_t bytes_to_peers = 0;
  std::uint64_t bytes_to_client = 0;
};
using Event = std::variant<AllocationOpened, AllocationClosed>;

class Output {
 public:
  /// Larger than any STUN message that the server makes.
  static constexpr std::size_t slot_size = 768;

  std::vector<Command> commands;
  std::vector<ToClient> to_clients;
  std::vector<ToPeer> to_peers;
  std::vector<Event> events;

  /// A free slot for a message of our own. It is sent when send_reserved() says how many bytes of it are used.
  MutableBytes reserve() {
    if (used_ == slots_.size()) slots_.push_back(std::make_unique<Slot>());
    return *slots_[used_];
  }
  void send_reserved(const Path& client, std::size_t size) {
    ToClient& entry = to_clients.emplace_back();
    entry.client = client;
    entry.payload = Bytes(*slots_[used_++]).first(size);
  }
  bool empty() const { return commands.empty() && to_clients.empty() && to_peers.empty() && events.empty(); }
  /// Keeps the memory, so that after warm-up nothing is allocated.
  void clear() {
    commands.clear();
    to_clients.clear();
    to_peers.clear();
    events.clear();
    used_ = 0;
  }

 private:
  using Slot = std::array<std::uint8_t, slot_size>;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::size_t used_ = 0;
};

}  // namespace parley::turn
