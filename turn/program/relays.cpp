#include "turn/program/relays.hpp"

#include <algorithm>

namespace parley::turn {

bool Relays::open(const OpenRelay& wanted, net::Poller& poller) {
  Entry entry{wanted.relay, wanted.local, std::nullopt, std::nullopt};
  if (wanted.protocol == Protocol::udp) {
    net::RelaySocket socket(wanted.local);
    if (socket) entry.socket = std::move(socket);
  } else {
    entry.listener = net::listen_and_connect(wanted.local);
  }
  if (entry.descriptor() < 0) return false;
  poller.add(entry.descriptor());
  if (entries_.size() <= wanted.relay.index) entries_.resize(wanted.relay.index + 1);
  entries_[wanted.relay.index] = std::move(entry);
  return true;
}

int Relays::close(RelayId relay) {
  Entry* entry = find(relay);
  if (!entry) return -1;
  const int descriptor = entry->descriptor();
  entry->socket.reset();
  entry->listener.reset();
  return descriptor;
}

Relays::Entry* Relays::find(RelayId relay) {
  Entry* entry = find(relay.index);
  return entry && entry->id == relay && entry->descriptor() >= 0 ? entry : nullptr;
}

void Relays::send(const ToPeer& datagram, net::GatherSender& sender, Drops& drops) {
  Entry* entry = find(datagram.relay);
  if (!entry || !entry->socket) return drops.add(DropReason::send_no_path);
  net::RelaySocket& socket = *entry->socket;
  if (socket.forbids_fragments() != datagram.dont_fragment) {
    sender.flush(drops);  // what waits leaves as it was meant
    socket.forbid_fragments(datagram.dont_fragment);
  }
  sender.add({socket.descriptor(), socket.family(), Address(), inside(datagram.peer)}, {}, datagram.payload, {}, drops);
}

Address Relays::translated(const Address& peer, bool inwards) const {
  const auto& own = peer.is_v4() ? v4_ : v6_;
  if (!own || own->local == own->advertised) return peer;
  const Address& from = inwards ? own->advertised : own->local;
  const Address& to = inwards ? own->local : own->advertised;
  return std::ranges::equal(peer.octets(), from.octets()) ? to.with_port(peer.port()) : peer;
}

}  // namespace parley::turn
