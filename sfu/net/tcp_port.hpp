#pragma once
// The one TCP port of a worker and the connections that it has accepted: the way in for those whose UDP is blocked.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "sfu/net/connection_count.hpp"
#include "sfu/net/poller.hpp"
#include "sfu/net/tcp_connection.hpp"

namespace parley::net {

class TcpPort {
 public:
  struct Limits {
    /// Two for each participant: 2000 of them without UDP. Each keeps 16 KiB to read into: 64 MiB when strangers have taken all.
    /// What waits for somebody who does not read is limited by TcpConnection.
    std::size_t connections = 4000;
    /// 500 people of an office behind one NAT; one machine alone cannot take all connections.
    std::size_t connections_per_address = 1000;
  };

  /// Throws SystemError, whose sentence names `option`.
  TcpPort(std::uint16_t port, Limits limits, const std::string& option, Poller& poller);

  /// Does what `ready` says, if it concerns this port: accepts, reads (appending to `datagrams`, valid until the next
  /// release()), writes. Connections that ended are appended to `closed`.
  void handle(Time now, const Poller::Readiness& ready, Poller& poller, std::vector<Datagram>& datagrams,
              std::vector<Path>& closed, Drops& drops);
  /// Queues a frame on its connection; flush() sends. A connection that is gone counts as send_no_path.
  void push(const Path& path, Bytes frame, Drops& drops);
  void flush(Poller& poller, std::vector<Path>& closed);
  void close(const Path& path);
  /// Closes whoever was silent for too long.
  void advance(Time now, std::vector<Path>& closed);
  /// Lets go of connections that ended; their datagrams are invalid from now on.
  void release() { ended_.clear(); }

  std::uint16_t port() const { return listener_.port(); }
  std::size_t connections() const { return connections_.size(); }

 private:
  using Connections = std::unordered_map<int, TcpConnection>;
  void accept(Time now, Poller& poller, Drops& drops);
  void end(Connections::iterator connection);

  TcpListener listener_;
  ConnectionCount count_;
  Connections connections_;  // by descriptor
  std::unordered_map<Path, int> descriptors_;
  std::vector<int> pending_;          // something was pushed since the last flush
  std::vector<TcpConnection> ended_;  // closed within this turn
};

}  // namespace parley::net
