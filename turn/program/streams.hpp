#pragma once
// The TCP and TLS connections of clients at one worker: accepted within limits, cut into messages, written to without waiting,
// and closed when nothing useful comes of them.

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sfu/net/connection_count.hpp"
#include "sfu/net/poller.hpp"
#include "sfu/net/server_stream.hpp"
#include "sfu/net/server_tls.hpp"
#include "sfu/net/tcp_listener.hpp"
#include "turn/ids.hpp"
#include "turn/output.hpp"
#include "turn/program/report.hpp"
#include "turn/stream_reader.hpp"

namespace parley::turn {

struct ClientStream {
  net::ServerStream bytes;
  Path path;
  StreamReader reader;
  Time expiry;                         ///< closed then; `never` while something is allocated over it
  Time progress;                       ///< when it last took something of what waits for it
  std::optional<ConnectionId> joined;  ///< a data connection of RFC 6062
  bool closing = false;                ///< after what still waits for it

  /// It has ended, what it sends is no TURN, or it was to be closed and has got everything.
  bool is_over() const { return bytes.ended() || reader.broken() || (closing && bytes.waiting() == 0); }
};

class Streams {
 public:
  /// Two descriptors for each allocation, within what a service manager grants by default (1024 × 4).
  static constexpr std::size_t limit = 4096;
  /// An office behind one NAT, as for allocations.
  static constexpr std::size_t limit_per_address = 1024;
  /// A TLS handshake and the first request over a slow link.
  static constexpr Duration first_patience = seconds(10);
  /// Between requests of somebody who has no allocation (yet, or any more).
  static constexpr Duration idle_patience = minutes(1);
  /// TCP has given up a lost segment by then, or nearly.
  static constexpr Duration write_patience = seconds(30);

  /// Takes those that wait, and returns their descriptors. `tls`: nullptr for plain TCP.
  std::vector<int> accept(Time now, net::TcpListener& listener, const net::ServerTls* tls, net::Poller& poller);
  /// One that another worker has accepted.
  ClientStream& adopt(ClientStream stream, net::Poller& poller);

  ClientStream* find(int descriptor);
  ClientStream* find(const Path& client);

  /// Reads once. False: nothing came.
  bool read(ClientStream& stream);
  /// Queues what is for a client; flush() sends.
  void push(const ToClient& message);
  void flush(Time now, net::Poller& poller);
  void flush(Time now, ClientStream& stream, net::Poller& poller);
  /// Whoever has an allocation may be silent.
  void set_allocated(Time now, const Path& client, bool allocated);
  /// After what still waits for it.
  void close_soon(const Path& client);
  /// Takes it out, to be closed or handed on; what is no TURN is counted then.
  std::optional<ClientStream> take(const Path& client, net::Poller& poller);
  /// Those that have ended, or whose time is up: to be taken and closed. The end of joined ones is seen by Bridges.
  std::vector<Path> ended(Time now);

  void count(StreamCount what) { counts_.add(what); }
  const Counters<StreamCount>& counts() const { return counts_; }
  std::size_t size() const { return streams_.size(); }

 private:
  std::unordered_map<int, ClientStream> streams_;  // by descriptor
  std::unordered_map<Path, int> descriptors_;
  net::ConnectionCount connections_{limit, limit_per_address};
  std::vector<int> pending_;  // something was pushed since the last flush
  Counters<StreamCount> counts_;
};

}  // namespace parley::turn
