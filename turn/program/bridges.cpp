#include "turn/program/bridges.hpp"

#include "sfu/net/relay_socket.hpp"

namespace parley::turn {
namespace {

/// Read at a time.
constexpr std::size_t piece_size = 16 << 10;
/// As long as this much waits on one side, nothing more is read on the other.
constexpr std::size_t backlog = 64 << 10;

}  // namespace

Bridges::Bridge& Bridges::insert(ConnectionId id, net::FileDescriptor descriptor) {
  const int number = descriptor.get();
  ids_[number] = id;
  poller_.add(number);
  return bridges_.insert_or_assign(id, Bridge(std::move(descriptor))).first->second;
}

std::optional<int> Bridges::connect(ConnectionId id, const Address& local, const Address& peer) {
  net::FileDescriptor descriptor = net::begin_connection(local, peer);
  if (!descriptor) return std::nullopt;
  const int number = descriptor.get();
  insert(id, std::move(descriptor));
  poller_.want(number, false, true);
  return number;
}

void Bridges::add(ConnectionId id, net::FileDescriptor descriptor) {
  Bridge& bridge = insert(id, std::move(descriptor));
  bridge.connected = true;
  poller_.want(bridge.peer.descriptor(), false, false);
}

void Bridges::join(Time now, ConnectionId id, ClientStream& client, Server& server, Output& out) {
  const auto found = bridges_.find(id);
  if (found == bridges_.end()) return;
  Bridge& bridge = found->second;
  bridge.client = &client;
  bridge.client_path = client.path;
  client.joined = id;
  const Bytes first = client.reader.rest();
  bridge.held_for_peer.assign(first.begin(), first.end());
  pass(now, id, server, out);
}

void Bridges::handle(Time now, const net::Poller::Readiness& ready, Server& server, Output& out) {
  const ConnectionId id = ids_.at(ready.descriptor);
  Bridge& bridge = bridges_.at(id);
  if (!bridge.connected) {
    if (!ready.writable && !ready.failed) return;
    if (!net::has_connected(ready.descriptor)) {
      close(id);
      return server.peer_connect_failed(now, id, out);
    }
    bridge.connected = true;
    poller_.want(ready.descriptor, false, false);
    return server.peer_connected(now, id, out);
  }
  // Before it is joined only its end is reported.
  if (!bridge.client) return server.connection_closed(now, id, out);
  pass(now, id, server, out);
}

void Bridges::pass(Time now, ConnectionId id, Server& server, Output& out) {
  const auto found = bridges_.find(id);
  if (found == bridges_.end() || !found->second.client) return;
  Bridge& bridge = found->second;
  bridge.throttled = false;
  bridge.peer.flush();
  bridge.client->bytes.flush();
  move(now, id, bridge, true, server);
  move(now, id, bridge, false, server);
  bridge.client->progress = now;
  const bool over_to_peer = bridge.client->bytes.ended() && bridge.held_for_peer.empty() && bridge.peer.waiting() == 0;
  const bool over_to_client = bridge.peer.ended() && bridge.held_for_client.empty() && bridge.client->bytes.waiting() == 0;
  if (over_to_peer || over_to_client || (bridge.peer.ended() && bridge.client->bytes.ended()))
    return server.connection_closed(now, id, out);
  watch(bridge);
  if (!bridge.throttled) return;
  throttled_.insert(id);
  next_try_ = std::min(next_try_, now + throttle_pause);
}

void Bridges::move(Time now, ConnectionId id, Bridge& bridge, bool to_peer, Server& server) {
  net::ServerStream& from = to_peer ? bridge.client->bytes : bridge.peer;
  net::ServerStream& to = to_peer ? bridge.peer : bridge.client->bytes;
  Buffer& held = to_peer ? bridge.held_for_peer : bridge.held_for_client;
  do {
    if (to.waiting() >= backlog || to.ended()) return;
    if (held.empty()) {
      held.resize(piece_size);
      held.resize(from.read(held));
    }
    if (held.empty()) return;
    const std::size_t allowed = server.allow_stream(now, id, held.size());
    to.push(Bytes(held).first(allowed), {}, {});
    to.flush();
    held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(allowed));
    bridge.throttled = bridge.throttled || !held.empty();
  } while (held.empty() && from.has_more());
}

/// Level-triggered: whatever is not wanted now must not be reported again and again.
void Bridges::watch(Bridge& bridge) {
  const auto look = [&](const net::ServerStream& stream, const net::ServerStream& other, const Buffer& held) {
    if (stream.ended())
      poller_.remove(stream.descriptor());
    else
      poller_.want(stream.descriptor(), held.empty() && other.waiting() < backlog, stream.wants_output());
  };
  look(bridge.peer, bridge.client->bytes, bridge.held_for_client);
  look(bridge.client->bytes, bridge.peer, bridge.held_for_peer);
}

std::optional<Path> Bridges::close(ConnectionId id) {
  const auto node = bridges_.extract(id);
  if (node.empty()) return std::nullopt;
  ids_.erase(node.mapped().peer.descriptor());
  return node.mapped().client_path;
}

void Bridges::advance(Time now, Server& server, Output& out) {
  if (now < next_try_) return;
  next_try_ = never;
  for (const ConnectionId id : std::exchange(throttled_, {})) pass(now, id, server, out);
}

}  // namespace parley::turn
