#include "sfu/net/tcp_port.hpp"

#include <utility>

namespace parley::net {

TcpPort::TcpPort(std::uint16_t port, Limits limits, const std::string& option, Poller& poller)
    : listener_(Address().with_port(port), option), count_(limits.connections, limits.connections_per_address) {
  poller.add(listener_.descriptor());
}

void TcpPort::handle(Time now, const Poller::Readiness& ready, Poller& poller, std::vector<Datagram>& datagrams,
                     std::vector<Path>& closed, Drops& drops) {
  if (ready.descriptor == listener_.descriptor()) return accept(now, poller, drops);
  const auto found = connections_.find(ready.descriptor);
  if (found == connections_.end()) return;
  bool alive = true;
  if (ready.readable) alive = found->second.receive(now, datagrams, drops);
  if (ready.writable && alive) {
    alive = found->second.flush();
    poller.want_output(ready.descriptor, found->second.wants_output());
  }
  if (alive) return;
  closed.push_back(found->second.path());
  end(found);
}

void TcpPort::accept(Time now, Poller& poller, Drops& drops) {
  while (auto accepted = listener_.accept()) {
    if (!count_.add(accepted->remote)) {
      drops.add(DropReason::tcp_too_many_connections);
      continue;
    }
    const int descriptor = accepted->descriptor.get();
    const auto [connection, added] = connections_.emplace(descriptor, TcpConnection(now, std::move(*accepted)));
    descriptors_[connection->second.path()] = descriptor;
    poller.add(descriptor);
  }
}

void TcpPort::push(const Path& path, Bytes frame, Drops& drops) {
  const auto found = descriptors_.find(path);
  if (found == descriptors_.end()) {
    drops.add(DropReason::send_no_path);
    return;
  }
  connections_.at(found->second).push(frame, drops);
  if (pending_.empty() || pending_.back() != found->second) pending_.push_back(found->second);
}

void TcpPort::flush(Poller& poller, std::vector<Path>& closed) {
  for (const int descriptor : std::exchange(pending_, {})) {
    const auto found = connections_.find(descriptor);
    if (found == connections_.end()) continue;
    if (found->second.flush()) {
      if (found->second.wants_output()) poller.want_output(descriptor, true);
    } else {
      closed.push_back(found->second.path());
      end(found);
    }
  }
}

void TcpPort::close(const Path& path) {
  if (const auto found = descriptors_.find(path); found != descriptors_.end()) end(connections_.find(found->second));
}

void TcpPort::advance(Time now, std::vector<Path>& closed) {
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    const auto current = connection++;
    if (now < current->second.expiry()) continue;
    closed.push_back(current->second.path());
    end(current);
  }
}

void TcpPort::end(Connections::iterator connection) {
  const Path& path = connection->second.path();
  descriptors_.erase(path);
  count_.remove(path.remote);
  ended_.push_back(std::move(connection->second));
  connections_.erase(connection);
}

}  // namespace parley::net
