#pragma once
// The relay sockets of one worker, by the number under which the Server knows them, and the translation between this machine's
// own address and the one that the world sees of it: what is for ourselves need not go out to the NAT and come back.

#include <optional>
#include <vector>

#include "sfu/net/gather_sender.hpp"
#include "sfu/net/poller.hpp"
#include "sfu/net/relay_socket.hpp"
#include "turn/config.hpp"
#include "turn/output.hpp"

namespace parley::turn {

class Relays {
 public:
  explicit Relays(const Config& config) : v4_(config.relay_v4), v6_(config.relay_v6) {}

  /// False: the address can't be had.
  bool open(const OpenRelay& wanted, net::Poller& poller);
  /// What was open is closed: its descriptor, or -1.
  int close(RelayId relay);

  /// The socket, or the listener of a TCP allocation, with this descriptor.
  struct Entry {
    RelayId id;
    Address local;
    std::optional<net::RelaySocket> socket;
    std::optional<net::TcpListener> listener;
    int descriptor() const { return socket ? socket->descriptor() : listener ? listener->descriptor() : -1; }
  };
  Entry* find(std::uint32_t index) { return index < entries_.size() ? &entries_[index] : nullptr; }
  Entry* find(RelayId relay);

  /// Queues a datagram for a peer.
  void send(const ToPeer& datagram, net::GatherSender& sender, Drops& drops);

  /// A peer as we reach it, and as clients know it.
  Address inside(const Address& peer) const { return translated(peer, true); }
  Address outside(const Address& peer) const { return translated(peer, false); }

 private:
  Address translated(const Address& peer, bool inwards) const;

  std::optional<RelayAddress> v4_;
  std::optional<RelayAddress> v6_;
  std::vector<Entry> entries_;
};

}  // namespace parley::turn
